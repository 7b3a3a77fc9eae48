"""Many rows at once, by COPY: files, frames, headers, keywords. Never commits."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from muse_catalog.models import FileRecord, FrameRecord
from muse_catalog.rules import searchable
from musecore.db import Transaction, quick

__all__ = ["KeywordsOfHdu", "LoadingStore", "Shape", "shape_of"]

_FILE = tuple(FileRecord.model_fields)
_FRAME = tuple(FrameRecord.model_fields)
_KEYWORD = ("file_id", "hdu", "extname", "shape_id", "vals")
_IDS = frozenset({"file_id", "task_id", "frame_id"})


class Shape(NamedTuple):
    """Which keywords an HDU has, and where the value of each stands, as JSON."""

    shape_id: UUID
    places: str


@lru_cache(maxsize=4096)
def shape_of(keywords: tuple[str, ...]) -> Shape:
    """Give the shape of an HDU with these keywords; equal ones have one id."""
    places = json.dumps({keyword: n for n, keyword in enumerate(keywords)})
    digest = hashlib.sha256(places.encode()).digest()
    return Shape(UUID(bytes=digest[:16]), places)


class KeywordsOfHdu(NamedTuple):
    """What can be asked of an HDU: its keywords, and their values as a JSON list."""

    hdu: int
    extname: str
    shape: Shape
    values: str

    @classmethod
    def of(cls, hdu: int, extname: str, keywords: Mapping[str, Any]) -> "KeywordsOfHdu":
        """Make it of keywords as a header has them."""
        values = _json(keywords)
        if values is None:
            keywords = searchable(keywords)
            values = to_json(list(keywords.values()))
        shape = shape_of(tuple(keywords))
        return cls(hdu, extname.replace("\x00", ""), shape, values.decode())


_ODD = (b"\\u0000", b"NaN", b"Infinity", b'j"')
"""In JSON of values: there may be one that it or PostgreSQL cannot hold (NUL, numbers
that are none, complex ones)."""


def _json(keywords: Mapping[str, Any]) -> bytes | None:
    """Give the values as a JSON list; None: they are to be looked at one by one."""
    if "\x00" in "".join(keywords):
        return None
    values = to_json([*keywords.values()])
    return None if any(mark in values for mark in _ODD) else values


class LoadingStore:
    """Adds what is known to be new, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_files(self, files: Sequence[FileRecord]) -> None:
        """Add files."""
        if files:
            await self._tx.copy("file", _FILE, [_row(one, _FILE) for one in files])

    async def add_frames(self, frames: Sequence[FrameRecord]) -> None:
        """Add the frames of files that were just added."""
        if frames:
            rows = [_row(one, _FRAME) for one in frames]
            await self._tx.copy("frame", _FRAME, rows)

    async def add_headers(self, packed: Mapping[UUID, bytes]) -> None:
        """Keep all headers of files."""
        if packed:
            rows = [(quick(file_id), packed[file_id]) for file_id in packed]
            await self._tx.copy("header", ("file_id", "packed"), rows)

    async def add_keywords(self, found: Iterable[tuple[UUID, KeywordsOfHdu]]) -> None:
        """Keep the keywords of HDUs so that they are found."""
        rows = []
        shapes: dict[UUID, str] = {}
        for file_id, (hdu, extname, shape, values) in found:
            shapes[shape.shape_id] = shape.places
            rows.append((quick(file_id), hdu, extname, quick(shape.shape_id), values))
        if rows:
            await self._add_shapes(shapes)
            await self._tx.copy("keyword", _KEYWORD, rows)

    async def _add_shapes(self, shapes: Mapping[UUID, str]) -> None:
        ids = sorted(shapes)  # in one order, so that nobody waits for each other
        known = await self._tx.execute(
            "SELECT shape_id FROM shape WHERE shape_id = ANY(:ids)", {"ids": ids}
        )
        missing = set(ids).difference(row[0] for row in known)
        for shape_id in sorted(missing):
            await self._tx.execute(
                "INSERT INTO shape (shape_id, places) VALUES (:id, CAST(:places AS "
                "jsonb)) ON CONFLICT DO NOTHING",
                {"id": shape_id, "places": shapes[shape_id]},
            )

    async def places(self, keywords: Sequence[str]) -> dict[str, dict[UUID, int]]:
        """Give which shapes have a keyword, and where its value stands there."""
        found = await self._tx.execute(
            "SELECT k.name, s.shape_id, CAST(s.places ->> k.name AS integer) "
            "FROM unnest(CAST(:names AS text[])) AS k(name) "
            "JOIN shape s ON s.places ? k.name",
            {"names": list(keywords)},
        )
        places: dict[str, dict[UUID, int]] = {}
        for name, shape_id, place in found:
            places.setdefault(name, {})[UUID(bytes=shape_id.bytes)] = place
        return places

    async def add_given(self, given: Mapping[UUID, Mapping[str, Any]]) -> None:
        """Keep the keywords of frames that are known by a row of a table only."""
        if given:
            rows = [(quick(key), to_json(given[key]).decode()) for key in given]
            await self._tx.copy("given", ("file_id", "keywords"), rows)


def _row(record: FileRecord | FrameRecord, columns: Sequence[str]) -> list[Any]:
    values = vars(record)
    row = [values[name] for name in columns]
    for n, name in enumerate(columns):
        if name in _IDS and row[n] is not None:
            row[n] = quick(row[n])
        elif name == "keywords":
            row[n] = to_json(row[n]).decode()
    return row
