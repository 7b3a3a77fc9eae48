"""Use cases of the auth service: each is one transaction."""

from muse_auth.service.access import AccessRequests
from muse_auth.service.accounts import AuthService
from muse_auth.service.administration import Administration

__all__ = ["AccessRequests", "Administration", "AuthService"]
