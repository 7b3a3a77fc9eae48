"""From headers to the records that the catalogue keeps (blocking; run in a thread)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from muse_catalog.models import FileRecord, FileState, FrameRecord, Refusal
from muse_catalog.rules import (
    ColumnReader,
    Headers,
    History,
    Recognised,
    References,
)
from musecore.fits import (
    HduHeader,
    QcValue,
    SimulatedRefused,
    expand_headers,
    is_simulated,
    provenance,
    qc_values,
    require_real,
)
from musecore.messages import FrameIngested, FrameRef, Kind
from musecore.muse.schema import MuseModel
from musecore.times import DAY_US, uuid7

__all__ = [
    "Draft",
    "FileFacts",
    "HeaderReader",
    "headers_of",
    "ingested",
    "keywords_of",
    "qc_of_frames",
    "refusal_of_simulated",
    "unpacked",
]

_IFU_IN_NAME = re.compile(r"-(\d\d)\.fits")
_RENAMED = {
    "exptime_s": "exptime",
    "target": "obs_targ_name",
    "prog_id": "obs_prog_id",
}
_FIELDS = {name: _RENAMED.get(name, name) for name in FileRecord.model_fields}


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file beside its headers."""

    file_id: UUID
    filename: str
    sha256: str
    content_key: str
    size: int  # bytes
    object_key: str | None
    project: str
    owner: str
    state: FileState


@dataclass(frozen=True)
class Draft:
    """A file, its frames and what its header tells of its making, ready to be kept."""

    file: FileRecord
    frames: list[FrameRecord]
    history: History = field(default_factory=list)


def unpacked(headers: str) -> tuple[bytes, list[HduHeader]]:
    """Give the packed headers of a message as bytes and as HDUs."""
    packed = base64.b64decode(headers)
    return packed, expand_headers(packed)


def headers_of(filename: str, hdus: Sequence[HduHeader]) -> Headers:
    """Give the keywords of a scanned file."""
    return Headers(
        filename,
        hdus[0].header.as_dict(),
        [(hdu.extname, hdu.header.as_dict()) for hdu in hdus[1:]],
    )


def keywords_of(hdus: Sequence[HduHeader]) -> list[tuple[str, dict[str, Any]]]:
    """Give EXTNAME and keywords of each HDU, to be asked for."""
    return [(hdu.extname, hdu.header.as_dict()) for hdu in hdus]


def qc_of_frames(
    frames: Sequence[FrameRecord], hdus: Sequence[HduHeader]
) -> list[tuple[UUID, list[QcValue]]]:
    """Give the QC values of each frame: of its IFU, and those of no IFU."""
    values = qc_values(hdus)
    return [
        (
            frame.frame_id,
            [
                one
                for one in values
                if None in (frame.ifu, one.ifu) or one.ifu == frame.ifu
            ],
        )
        for frame in frames
    ]


def refusal_of_simulated(
    filename: str, hdus: Sequence[HduHeader], *, allowed: bool
) -> Refusal | None:
    """Give the refusal of a file that says it is simulated, unless that is allowed."""
    simulated = bool(hdus) and is_simulated(hdus[0].header)
    try:
        require_real(filename, simulated=simulated, allowed=allowed)
    except SimulatedRefused as error:
        return Refusal(code=error.code, detail=error.detail, hint=error.hint)
    return None


class HeaderReader:
    """Reads headers as the MUSE model says."""

    def __init__(self, model: MuseModel) -> None:
        self._columns = ColumnReader(model)
        self._references = References(model)

    def delivered(
        self,
        recognised: Recognised,
        headers: Headers,
        facts: FileFacts,
        hdus: Sequence[HduHeader],
    ) -> Draft:
        """Give the records of a file that people put: raw, static, foreign product."""
        recipes = (
            provenance(hdus[0].header) if hdus and recognised.kind != "raw" else []
        )
        file = self._file(
            facts,
            headers,
            recognised.kind,
            recognised.tag,
            # Generations are numbered; the last one made the file.
            recipe=recipes[-1].recipe if recipes else None,
        )
        frames = self._frames(recognised, headers, file, hdus)
        history = self._references.history(file.file_id, recipes)
        return Draft(file, frames, history)

    def product(
        self,
        headers: Headers,
        facts: FileFacts,
        *,
        tag: str,
        frame_id: UUID,
        ifu: int | None,
        run: tuple[str, UUID, int],
    ) -> Draft:
        """Give the records of a product of ours.

        Parameters
        ----------
        run
            Recipe, task and attempt that made it.
        """
        recipe, task_id, attempt = run
        file = self._file(facts, headers, "product", tag, recipe=recipe)
        file = file.model_copy(update={"task_id": task_id, "attempt": attempt})
        return Draft(
            file,
            [
                self._frame(file, headers, ifu, {}).model_copy(
                    update={"frame_id": frame_id}
                )
            ],
        )

    def _file(
        self,
        facts: FileFacts,
        headers: Headers,
        kind: Kind,
        tag: str,
        *,
        recipe: str | None,
    ) -> FileRecord:
        columns: dict[str, Any] = dict(self._columns.read(headers, kind, tag))
        named = {
            name: _kept(name, columns.get(column)) for name, column in _FIELDS.items()
        }
        night, mjd_obs = columns.get("night"), columns.get("mjd_obs")
        return FileRecord.model_validate(
            {
                **named,
                **vars(facts),
                "kind": kind,
                "tag": tag,
                "arcfile": columns.get("arcfile") or facts.filename,
                "night": None if night is None else date.fromisoformat(str(night)),
                "mjd_us": _mjd_us(mjd_obs),
                "recipe": recipe,
                "task_id": None,
                "attempt": None,
                "keywords": columns,
                "quality_flags": [],
            }
        )

    def _frames(
        self,
        recognised: Recognised,
        headers: Headers,
        file: FileRecord,
        hdus: Sequence[HduHeader],
    ) -> list[FrameRecord]:
        """Give a frame for each IFU of raw files and of per-IFU products."""
        channels: dict[int, Any] = {}
        if recognised.kind == "raw":
            channels = headers.channels
        elif recognised.kind == "product" and recognised.frame_class.scope == "ifu":
            channels = headers.channels or _ifu_of_product(file.filename, hdus)
        if not channels:
            return [self._frame(file, headers, None, {})]
        return [
            self._frame(file, headers, ifu, keywords)
            for ifu, keywords in channels.items()
        ]

    def _frame(
        self, file: FileRecord, headers: Headers, ifu: int | None, channel: Any
    ) -> FrameRecord:
        columns: dict[str, Any] = {}
        if ifu is not None:
            columns = dict(
                self._columns.read_channel(headers, file.kind, file.tag, channel)
            )
        return FrameRecord(
            frame_id=uuid7(),
            file_id=file.file_id,
            ifu=ifu,
            chip_id=columns.get("chip_id"),
            chip_name=columns.get("chip_name"),
            chip_live=columns.get("chip_live", True),
            is_valid=None,
            is_valid_reason=None,
            tag=file.tag,
            kind=file.kind,
            project=file.project,
            night=file.night,
            mjd_us=file.mjd_us,
            exptime_s=file.exptime_s,
            target=file.target,
        )


def _mjd_us(mjd: float | None) -> int | None:
    """Give a time in microseconds; None for one that no calendar has."""
    return round(mjd * DAY_US) if mjd is not None and abs(mjd) < 1e7 else None


def _kept(name: str, value: Any) -> Any:
    """Give a value that its column can hold; None for a number that it cannot."""
    if not isinstance(value, int):
        return value
    bits = 31 if name in {"tpl_expno", "tpl_nexp"} else 63
    return value if abs(value) < 1 << bits else None


def _ifu_of_product(filename: str, hdus: Sequence[HduHeader]) -> dict[int, Any]:
    """Give the IFU of a per-IFU product: by EXTNAME of its primary, else by name."""
    whole = Headers(filename, {}, [(hdu.extname, {}) for hdu in hdus[:1]])
    if whole.channels:
        return whole.channels
    found = _IFU_IN_NAME.search(filename)
    return {int(found[1]): {}} if found and 1 <= int(found[1]) <= 24 else {}


def ingested(draft: Draft) -> FrameIngested:
    """Give the message that tells of a file."""
    file = draft.file
    said = {frame.is_valid for frame in draft.frames}
    return FrameIngested(
        file_id=file.file_id,
        kind=file.kind,
        tag=file.tag,
        filename=file.filename,
        object_key=file.object_key,
        project=file.project,
        sha256=file.sha256,
        content_key=file.content_key,
        size=file.size,
        frames=[
            FrameRef(
                frame_id=frame.frame_id,
                ifu=frame.ifu,
                chip_id=frame.chip_id,
                chip_name=frame.chip_name,
                chip_live=frame.chip_live,
            )
            for frame in draft.frames
        ],
        arcfile=file.arcfile,
        mjd_us=file.mjd_us,
        night=None if file.night is None else file.night.isoformat(),
        keywords=file.keywords,
        is_valid=said.pop() if len(said) == 1 else None,
    )
