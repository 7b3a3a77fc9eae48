"""The auth service's wiring."""

from fastapi import FastAPI

from muse_auth.api import access_routes, routes
from muse_auth.service import AccessRequests, AuthService
from muse_auth.settings import AuthSettings
from musecore.db import Database, require_current
from musecore.identity import SigningKey, TokenIssuer, TokenVerifier
from musecore.serving import Readiness, Standalone
from musecore.settings import SettingInvalid, SettingMissing
from musecore.web import create_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "signing_key", "standalone"]

PACKAGE = "muse_auth"
SCHEMA = "auth"


class Service:
    """The auth service.

    Attributes
    ----------
    verifier
        Verifies its tokens in the same process (embedded mode); elsewhere services
        fetch ``/auth/jwks.json``.
    """

    def __init__(self, settings: AuthSettings, *, database: Database) -> None:
        key = signing_key(settings)
        self._database = database
        named = {"issuer": settings.issuer, "audience": settings.audience}
        self.verifier = TokenVerifier.of_key(key, **named)
        self.service = AuthService(
            database, TokenIssuer(key, **named), settings.token_lifetime
        )
        self.app: FastAPI = create_app(
            "musewise auth",
            verifier=self.verifier,
            ready=Readiness(database=database),
        )
        self.app.include_router(routes(self.service, key.jwks()))
        self.app.include_router(access_routes(AccessRequests(database)))

    async def start(self) -> None:
        """Begin to serve; there is no background work.

        Raises
        ------
        SchemaOutdated
            The migrations have not been run.
        """
        await require_current(self._database, PACKAGE)

    async def stop(self) -> None:
        """Stop serving; there is no background work."""


def signing_key(settings: AuthSettings) -> SigningKey:
    """Give the key that the settings name; make one only if they say so.

    Raises
    ------
    SettingMissing
        They name none, or a file that does not exist.
    SettingInvalid
        What they name is no private key.
    """
    path = settings.signing_key_path
    try:
        if settings.signing_key is not None:
            return SigningKey.of_pem(settings.signing_key.get_secret_value().encode())
        if path is not None and path.exists():
            return SigningKey.load(path)
    except (ValueError, OSError) as error:
        where = "signing_key" if settings.signing_key else f"signing_key_path ({path})"
        raise SettingInvalid(
            f"The setting {where} is no signing key: {error}."
        ) from error
    if path is not None and settings.make_signing_key:
        return SigningKey.load_or_generate(path)
    missing = "is not set" if path is None else f"names {path}, which does not exist"
    raise SettingMissing(
        f"auth signs tokens with a key, and signing_key_path {missing}.",
        hint="Set MUSEWISE_SIGNING_KEY_PATH (or MUSEWISE_SIGNING_KEY_FILE, or "
        'MUSEWISE_SIGNING_KEY), as signing_key_path = "keys/signing.pem"; with '
        "MUSEWISE_MAKE_SIGNING_KEY=true auth makes the key there at its first start.",
    )


def standalone(settings: AuthSettings) -> Standalone:
    """Wire the auth service as a process of its own.

    Raises
    ------
    SettingMissing, SettingInvalid
    """
    database = Database(settings.need("database_url"), SCHEMA)
    service = Service(settings, database=database)
    return Standalone(service.app, service, database=database, package=PACKAGE)
