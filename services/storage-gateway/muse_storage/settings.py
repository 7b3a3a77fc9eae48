"""Settings of the storage gateway (environment: ``MUSEWISE_SITE``, …)."""

from typing import ClassVar

from pydantic import Field

from musecore.settings import MusewiseSettings

__all__ = ["StorageSettings"]


class StorageSettings(MusewiseSettings):
    """What the gateway needs beside the shared settings."""

    table: ClassVar[str] = "storage-gateway"

    site: str = "local"
    """Name of the site whose store this gateway keeps."""

    allow_local_paths: bool = False
    """Take files by path; only where clients share the machine (embedded mode)."""

    sweep_at_start: bool = False
    """Break off all open uploads at the start: embedded mode, where nobody is left
    to go on with them."""

    upload_lifetime_h: float = Field(default=24.0, gt=0)
    """Hours after which an upload that was never committed is broken off."""

    orphan_age_h: float = Field(default=168.0, gt=0)
    """Hours after which an object that the inventory does not know is removed."""

    tidy_every_h: float = Field(default=6.0, gt=0)
    """Hours between two searches for both."""
