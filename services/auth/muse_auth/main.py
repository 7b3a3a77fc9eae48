"""The auth service's wiring."""

from fastapi import FastAPI

from muse_auth.api import routes
from muse_auth.service import AuthService
from muse_auth.settings import AuthSettings
from musecore.db import Database
from musecore.identity import SigningKey, TokenIssuer, TokenVerifier
from musecore.web import create_app

__all__ = ["Service"]


class Service:
    """The auth service.

    Attributes
    ----------
    verifier
        Verifies its tokens in the same process (embedded mode); elsewhere services
        fetch ``/auth/jwks.json``.
    """

    def __init__(self, settings: AuthSettings, *, database: Database) -> None:
        key = SigningKey.load_or_generate(settings.signing_key)
        named = {"issuer": settings.issuer, "audience": settings.audience}
        self.verifier = TokenVerifier.of_key(key, **named)
        self.service = AuthService(
            database, TokenIssuer(key, **named), settings.token_lifetime
        )
        self.app: FastAPI = create_app(
            "musewise auth", verifier=self.verifier, ready=database.ping
        )
        self.app.include_router(routes(self.service, key.jwks()))

    async def start(self) -> None:
        """Begin to serve; there is no background work."""

    async def stop(self) -> None:
        """Stop serving; there is no background work."""
