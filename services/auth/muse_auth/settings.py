"""Settings of the auth service."""

from datetime import timedelta
from pathlib import Path

from musecore.settings import MusewiseSettings

__all__ = ["AuthSettings"]


class AuthSettings(MusewiseSettings):
    """Who signs, for whom, and for how long."""

    issuer: str = "musewise"
    audience: str = "musewise"
    signing_key: Path = Path("keys/signing.pem")
    token_lifetime: timedelta = timedelta(hours=12)
