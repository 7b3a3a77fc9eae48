"""Settings of the catalogue."""

from pathlib import Path
from typing import ClassVar

from musecore.settings import MusewiseSettings

__all__ = ["CatalogSettings"]


class CatalogSettings(MusewiseSettings):
    """What the catalogue needs beside the shared settings."""

    table: ClassVar[str] = "catalog"

    muse_model: str | None = None
    """Version of the MUSE model (frames.yaml and others); none: the present one."""

    quality_limits: Path | None = None
    """File of quality limits and flags in place of ours (rules/flags.yaml)."""
