"""Settings of the auth service."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from musecore.settings import MusewiseSettings

__all__ = ["AuthSettings"]


class AuthSettings(MusewiseSettings):
    """Who signs, for whom, and for how long."""

    table: ClassVar[str] = "auth"

    signing_key: SecretStr | None = Field(
        default=None, examples=["-----BEGIN PRIVATE KEY-----…"]
    )
    """The private key that signs tokens (P-256, PEM)."""

    signing_key_path: Path | None = Field(default=None, examples=["keys/signing.pem"])
    """A file with that key, if it is not given as signing_key."""

    make_signing_key: bool = False
    """Make a key at signing_key_path if there is none; else auth does not start."""

    token_lifetime: timedelta = timedelta(hours=12)
    """How long a token holds."""
