"""Tokens: made by the auth service, verified everywhere without asking it."""

import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet, KeySetSerialization
from joserfc.jws import extract_compact
from pydantic import BaseModel, ConfigDict, ValidationError

from musecore.errors import Forbidden, Unauthorized
from musecore.times import utcnow, uuid7

__all__ = [
    "ADMIN_SCOPE",
    "SERVICE_SCOPE",
    "TRIAL_PREFIX",
    "JwksSource",
    "Principal",
    "ScopeMissing",
    "SigningKey",
    "TokenExpired",
    "TokenInvalid",
    "TokenIssuer",
    "TokenVerifier",
    "is_trial",
]

SERVICE_SCOPE = "service"
"""Scope of our own services: they see every project."""

TRIAL_PREFIX = "trial:"
"""How the space of a person's trials is called, before the subject. A project cannot be
called so."""

ADMIN_SCOPE = "admin"
"""Scope of administrators: they decide about projects and workers."""

_ALGORITHM = "ES256"
_LEEWAY_S = 30

JwksSource = Callable[[], Awaitable[dict[str, Any]]]
"""Gives the public key set (RFC 7517), e.g. from ``/auth/jwks.json``."""


class TokenInvalid(Unauthorized):
    """The token is none of ours, or was tampered with."""

    code = "token_invalid"


class TokenExpired(Unauthorized):
    """The token's time is over."""

    code = "token_expired"


class ScopeMissing(Forbidden):
    """The token does not carry the scope that this needs."""

    code = "scope_missing"


class Principal(BaseModel):
    """Who asks, and what the token says about them.

    Attributes
    ----------
    subject
        Stable id of the person or service account.
    projects
        Project name -> privilege level, 1 to 5.
    scopes
        What the token may be used for.
    """

    model_config = ConfigDict(frozen=True)

    subject: str
    name: str
    projects: dict[str, int] = {}
    scopes: frozenset[str] = frozenset()

    @property
    def is_service(self) -> bool:
        """True for one of our own services: it sees every project."""
        return SERVICE_SCOPE in self.scopes

    @property
    def is_admin(self) -> bool:
        """True for an administrator."""
        return ADMIN_SCOPE in self.scopes

    @property
    def trials(self) -> str:
        """Where this person's trials are: like a project that nobody else sees."""
        return f"{TRIAL_PREFIX}{self.subject}"

    @property
    def visible(self) -> frozenset[str]:
        """What this person may look at: the own projects and the own trials."""
        return frozenset((*self.projects, self.trials))

    def level(self, project: str) -> int:
        """Give the privilege level in a project, 0 for none."""
        return self.projects.get(project, 0)

    def require_scope(self, scope: str) -> None:
        """Raise `ScopeMissing` unless the token carries `scope`."""
        if scope not in self.scopes:
            raise ScopeMissing(
                f"The token of {self.name} lacks the scope {scope!r}.",
                hint="Ask for a token with this scope.",
            )


def is_trial(project: str) -> bool:
    """Tell whether a project is the space of somebody's trials."""
    return project.startswith(TRIAL_PREFIX)


class SigningKey:
    """The private key that signs tokens (P-256)."""

    def __init__(self, key: ECKey) -> None:
        self.key = key
        self.kid = key.thumbprint()

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(ECKey.generate_key("P-256"))

    @classmethod
    def of_pem(cls, pem: bytes) -> Self:
        """Take a private key as PEM; raises ValueError if it is none."""
        try:
            key = ECKey.import_key(pem)
        except JoseError as error:
            raise ValueError(str(error)) from error
        if not key.is_private:
            raise ValueError("a public key cannot sign")
        return cls(key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key from a PEM file."""
        return cls.of_pem(path.read_bytes())

    @classmethod
    def load_or_generate(cls, path: Path) -> Self:
        """Read the key at `path`; make and save one if there is none."""
        if path.exists():
            return cls.load(path)
        made = cls.generate()
        made.save(path)
        return made

    def save(self, path: Path) -> None:
        """Write the key as PEM, readable by its owner only (mode 0600)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(self.key.as_pem(private=True))
        part.replace(path)

    def public(self) -> dict[str, Any]:
        """Give the public half as JWK."""
        fields = self.key.as_dict(private=False)
        return {**fields, "kid": self.kid, "use": "sig", "alg": _ALGORITHM}

    def jwks(self) -> dict[str, Any]:
        """Give the key set with the public half of this key."""
        return {"keys": [self.public()]}


class TokenIssuer:
    """Signs tokens: the auth service, and nobody else."""

    def __init__(self, key: SigningKey, *, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience

    def issue(self, principal: Principal, lifetime: timedelta) -> str:
        """Give a signed token that says what `principal` says."""
        now = utcnow()
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal.subject,
            "name": principal.name,
            "projects": principal.projects,
            "scope": " ".join(sorted(principal.scopes)),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": str(uuid7()),
        }
        header = {"alg": _ALGORITHM, "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key.key, algorithms=[_ALGORITHM])


_SIGNED = 1000
"""Tokens whose signature was good; looked at again when keys were asked for."""


class TokenVerifier:
    """Verifies tokens in this process; asks for keys only when one is unknown.

    Parameters
    ----------
    jwks
        Where public keys come from. Asked at first use, and again for a key id that
        is unknown, at most once in `refresh`.
    """

    def __init__(
        self,
        jwks: JwksSource,
        *,
        issuer: str,
        audience: str,
        refresh: timedelta = timedelta(seconds=30),
    ) -> None:
        self._jwks = jwks
        self._refresh = refresh
        self._keys = KeySet([])
        self._known: frozenset[str] = frozenset()
        self._asked_at: datetime | None = None
        self._signed: dict[str, dict[str, Any]] = {}
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(utcnow().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    @classmethod
    def of_key(cls, key: SigningKey, *, issuer: str, audience: str) -> Self:
        """Verify against a key that this process holds itself."""

        async def own() -> dict[str, Any]:
            return key.jwks()

        return cls(own, issuer=issuer, audience=audience)

    async def verify(self, token: str) -> Principal:
        """Give the principal of a token.

        Raises
        ------
        TokenExpired
            Its time is over (30 s of leeway).
        TokenInvalid
            Signature, issuer, audience or form are wrong.
        Unavailable
            The public keys are not known yet and cannot be had now.
        """
        try:
            claims = self._signed.get(token) or await self._decode(token)
            self._claims.validate(claims)
        except ExpiredTokenError as error:
            raise TokenExpired(
                "The token's time is over.", hint="Sign in again for a new one."
            ) from error
        except (JoseError, ValueError) as error:
            raise TokenInvalid(f"The token does not hold: {error}") from error
        return _principal(claims)

    async def _decode(self, token: str) -> dict[str, Any]:
        """Verify the signature; a token that comes again is known by its text."""
        await self._know_key_of(token)
        claims = jwt.decode(token, self._keys, algorithms=[_ALGORITHM]).claims
        if len(self._signed) >= _SIGNED:
            self._signed.clear()
        self._signed[token] = claims
        return claims

    async def _know_key_of(self, token: str) -> None:
        from_header = _kid(token)
        if from_header in self._known:
            return
        now = utcnow()
        if self._asked_at is not None and now - self._asked_at < self._refresh:
            return
        await self._ask()
        self._asked_at = now

    async def ready(self) -> None:
        """Return when a public key is known; ask for one if none is.

        Raises
        ------
        Unavailable
            The keys cannot be had now.
        """
        if not self._known:
            await self._ask()

    async def _ask(self) -> None:
        found: KeySetSerialization = {"keys": (await self._jwks())["keys"]}
        self._keys = KeySet.import_key_set(found)
        self._known = frozenset(str(key.kid) for key in self._keys.keys)
        self._signed.clear()


def _kid(token: str) -> str:
    return str(extract_compact(token.encode()).headers().get("kid"))


def _principal(claims: dict[str, Any]) -> Principal:
    try:
        return Principal(
            subject=claims["sub"],
            name=claims.get("name", claims["sub"]),
            projects=claims.get("projects", {}),
            scopes=frozenset(claims.get("scope", "").split()),
        )
    except (ValidationError, AttributeError) as error:
        raise TokenInvalid(f"The token's claims do not fit: {error}") from error
