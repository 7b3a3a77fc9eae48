"""Who is calling: signed tokens (ES256), verified locally against a key set."""

from musecore.identity.remote import RemoteKeys, ServiceToken
from musecore.identity.tokens import (
    ADMIN_SCOPE,
    SERVICE_SCOPE,
    TRIAL_PREFIX,
    JwksSource,
    Principal,
    ScopeMissing,
    SigningKey,
    TokenExpired,
    TokenInvalid,
    TokenIssuer,
    TokenVerifier,
    is_trial,
)

__all__ = [
    "ADMIN_SCOPE",
    "SERVICE_SCOPE",
    "TRIAL_PREFIX",
    "JwksSource",
    "Principal",
    "RemoteKeys",
    "ScopeMissing",
    "ServiceToken",
    "SigningKey",
    "TokenExpired",
    "TokenInvalid",
    "TokenIssuer",
    "TokenVerifier",
    "is_trial",
]
