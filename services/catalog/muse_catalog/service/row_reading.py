"""Rows that are registered by their metadata, read: in this process or in others."""

import gc
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from muse_catalog.models import Refusal, RowToRegister
from muse_catalog.rules import (
    Headers,
    canonical_keywords,
    implied_keywords,
    recognise,
    searchable,
)
from muse_catalog.service.header_text import hdus_of_text
from muse_catalog.service.reading import (
    Draft,
    FileFacts,
    HeaderReader,
    refusal_of_simulated,
)
from muse_catalog.store import KeywordsOfHdu
from musecore.errors import Refused
from musecore.fits import HduHeader, QcValue, Value, compress_headers, qc_values
from musecore.muse.schema import MuseModel, load
from musecore.times import uuid7

__all__ = ["ReadRow", "RowReader", "Sender", "begin", "read_there", "row_identity"]


class Sender(NamedTuple):
    """Who registers, and into which project."""

    owner: str
    project: str


@dataclass(frozen=True)
class ReadRow:
    """What a row tells: its records, or why it is refused."""

    name: str
    identity: str
    draft: Draft | Refusal
    keywords: Sequence[KeywordsOfHdu] = ()
    given: Mapping[str, Value] | None = None
    packed: bytes | None = None
    qc: Sequence[QcValue] = ()


def row_identity(row: RowToRegister, keywords: Mapping[str, Any]) -> str:
    """Give the sha256 of a row: of its name, kind, tag and keywords as canonical JSON.

    The order of the keywords and absent ones make no difference. Of a row with a
    header the cards count, as they are.
    """
    told: dict[str, Any] = {"name": row.name, "kind": row.kind, "tag": row.tag or None}
    if row.header:
        told["header"] = [len(text) for text in row.header]
    else:
        told["keywords"] = dict(keywords)
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode())
    for cards in row.header:
        digest.update(cards.encode())
    return digest.hexdigest()


class RowReader:
    """Reads rows as the MUSE model says."""

    def __init__(self, model: MuseModel, *, simulation: bool = False) -> None:
        self._model = model
        self._simulation = simulation
        self._reader = HeaderReader(model)
        self._implied = implied_keywords(model)

    def read_all(self, sender: Sender, rows: Sequence[RowToRegister]) -> list[ReadRow]:
        """Give what each row tells, or why it is refused."""
        return [self._read(sender, row) for row in rows]

    def _read(self, sender: Sender, row: RowToRegister) -> ReadRow:
        if row.header:
            return self._read_header(sender, row)
        keywords = canonical_keywords(self._model, row.keywords)
        identity = row_identity(row, keywords)
        implied = self._implied if row.kind == "raw" else {}
        headers = Headers(row.name, {**implied, **keywords}, None)
        found = recognise(self._model, headers, kind=row.kind, tag=row.tag or None)
        if isinstance(found, Refusal):
            return ReadRow(row.name, identity, found)
        facts = _facts(sender, row, identity)
        plain = Headers(row.name, keywords, None)
        draft = self._reader.delivered(found, plain, facts, [])
        hdus = [KeywordsOfHdu.of(0, "", keywords)]
        return ReadRow(row.name, identity, draft, hdus, given=searchable(keywords))

    def _read_header(self, sender: Sender, row: RowToRegister) -> ReadRow:
        """Read cards; of the primary header alone nothing is asked of extensions."""
        identity = row_identity(row, {})
        try:
            hdus = hdus_of_text(row.name, row.header)
        except Refused as error:
            refusal = Refusal(code=error.code, detail=error.detail, hint=error.hint)
            return ReadRow(row.name, identity, refusal)
        values = [hdu.header.as_dict() for hdu in hdus]
        names = [hdu.extname for hdu in hdus]
        others = list(zip(names[1:], values[1:], strict=True))
        headers = Headers(row.name, values[0], others or None)
        found = refusal_of_simulated(
            row.name, hdus, allowed=self._simulation
        ) or recognise(self._model, headers, kind=row.kind, tag=row.tag or None)
        if isinstance(found, Refusal):
            return ReadRow(row.name, identity, found)
        facts = _facts(sender, row, identity)
        draft = self._reader.delivered(found, headers, facts, hdus)
        keywords = [
            KeywordsOfHdu.of(n, name, values[n]) for n, name in enumerate(names)
        ]
        qc = _qc(draft, hdus)
        return ReadRow(
            row.name, identity, draft, keywords, packed=compress_headers(hdus), qc=qc
        )


def _facts(sender: Sender, row: RowToRegister, identity: str) -> FileFacts:
    return FileFacts(
        file_id=uuid7(),
        filename=row.name,
        sha256=identity,
        content_key=identity,
        size=0,
        object_key=None,
        project=sender.project,
        owner=sender.owner,
        state="METADATA_ONLY",
    )


def _qc(draft: Draft, hdus: Sequence[HduHeader]) -> list[QcValue]:
    return qc_values(hdus) if draft.file.kind == "product" else []


# -- in a process of its own
_there: list[RowReader] = []


def begin(version: str | None, simulation: bool) -> None:
    """Make ready for `read_there`; the process ends with the one that started it."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _there.append(RowReader(load(version), simulation=simulation))
    gc.freeze()  # the model stays: it need not be looked through again and again


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def read_there(sender: Sender, rows: Sequence[RowToRegister]) -> list[ReadRow]:
    """Read rows in a process that `begin` made ready."""
    return _there[0].read_all(sender, rows)
