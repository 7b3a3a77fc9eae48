"""Settings every service shares. Read once, by ``main``, from environment and file.

Names in the environment carry the prefix ``MUSEWISE_``: ``MUSEWISE_DATABASE_URL``.
"""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["MusewiseSettings"]


class MusewiseSettings(BaseSettings):
    """The three places a service talks to, and how it speaks.

    A service subclasses this in its own ``settings.py`` and adds its own fields.
    """

    model_config = SettingsConfigDict(
        env_prefix="MUSEWISE_", env_nested_delimiter="__", extra="ignore"
    )

    database_url: SecretStr | None = None
    """``postgresql://user:password@host:port/name``; none in embedded mode."""

    broker_url: SecretStr | None = None
    """``amqp://…``; none: the broker inside this process."""

    blobs_url: SecretStr | None = None
    """``s3+https://key:secret@host/bucket`` or ``file:///folder``."""

    run_dir: Path | None = None
    """Folder for sockets; none: the folder for temporary files."""

    simulation: bool = False
    """Take simulated frames and results too: for load, chaos and scale tests. A
    server of real data refuses them."""

    log_level: str = "INFO"
    log_json: bool = True

    otlp_url: str | None = None
    """Where traces go, by OTLP over HTTP (``http://collector:4318``); none: nowhere."""
