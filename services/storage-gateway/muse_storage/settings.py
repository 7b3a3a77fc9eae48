"""Settings of the storage gateway (environment: ``MUSEWISE_SITE``, …)."""

from typing import ClassVar

from musecore.settings import MusewiseSettings

__all__ = ["StorageSettings"]


class StorageSettings(MusewiseSettings):
    """What the gateway needs beside the shared settings."""

    table: ClassVar[str] = "storage-gateway"

    site: str = "local"
    """Name of the site whose store this gateway keeps."""

    allow_local_paths: bool = False
    """Take files by path; only where clients share the machine (embedded mode)."""

    sweep_at_start: bool = True
    """Remove uploads left open by an earlier run; False where gateways share a site."""
