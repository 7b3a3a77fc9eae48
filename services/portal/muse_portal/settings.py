"""Settings of the portal."""

from typing import ClassVar

from musecore.settings import MusewiseSettings

__all__ = ["PortalSettings"]


class PortalSettings(MusewiseSettings):
    """Where the other services are, as seen from a browser and from here."""

    table: ClassVar[str] = "portal"

    catalog_url: str | None = None
    """Where the catalogue is; None: not shown."""

    scheduler_url: str | None = None
    """Where the scheduler is; None: not shown."""

    storage_url: str | None = None
    """Where the storage gateway is; None: not shown."""
