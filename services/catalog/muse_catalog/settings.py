"""Settings of the catalogue."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from musecore.settings import MusewiseSettings

__all__ = ["CatalogSettings"]


class CatalogSettings(MusewiseSettings):
    """What the catalogue needs beside the shared settings."""

    table: ClassVar[str] = "catalog"

    muse_model: str | None = None
    """Version of the MUSE model (frames.yaml and others); none: the present one."""

    readers: int = Field(2, ge=0)
    """Processes that read headers when thousands are registered at once."""

    query_seconds: float = Field(30.0, gt=0)
    """How long PostgreSQL may take for one statement of a query, in seconds."""

    quality_limits: Path | None = None
    """File of quality limits and flags in place of ours (rules/flags.yaml)."""
