"""Settings of the catalogue."""

from typing import ClassVar

from musecore.settings import MusewiseSettings

__all__ = ["CatalogSettings"]


class CatalogSettings(MusewiseSettings):
    """What the catalogue needs beside the shared settings."""

    table: ClassVar[str] = "catalog"

    muse_model: str | None = None
    """Version of the MUSE model (frames.yaml and others); none: the present one."""
