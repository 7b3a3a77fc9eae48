"""Frames that the scheduler knows, and the base of its models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FrameKind = Literal["raw", "static", "product", "log"]


class Model(BaseModel):
    """Base of all: frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ChipSetup(Model):
    """The detector behind one CHANnn extension."""

    chip_id: str | None = None
    chip_name: str | None = None
    live: bool = True


class FrameRecord(Model):
    """The scheduler's projection of one file of the catalog.

    ``ifus`` maps IFU number (1..24) to its detector; empty for a field product
    or a static. ``keywords`` holds the typed columns of frames.yaml; a keyword
    that the file lacks is absent. ``object_key`` None: known by its metadata
    only, it can be planned with but not reduced. ``replaces``: how many other files
    of the same exposure it stands for in a plan.
    """

    file_id: UUID
    kind: FrameKind
    tag: str
    filename: str
    arcfile: str
    object_key: str | None
    sha256: Key
    content_key: Key
    size: int  # bytes
    mjd_us: int | None  # start of exposure, microseconds of MJD (UTC)
    night: str | None  # ISO date of the observing night
    ifus: dict[int, ChipSetup] = {}
    keywords: dict[str, Any] = {}
    is_valid: bool | None = None
    project: str = ""
    replaces: int = 0
