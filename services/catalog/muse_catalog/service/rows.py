"""Frames that are known by their metadata only: rows of a table, or headers."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muse_catalog.models import (
    Refusal,
    RefusalRecord,
    Registered,
    RegisterRequest,
    RowToRegister,
)
from muse_catalog.rules import (
    Headers,
    canonical_keywords,
    implied_keywords,
    recognise,
    require_member,
    searchable,
)
from muse_catalog.service.header_text import hdus_of_text
from muse_catalog.service.keeping import Keeper
from muse_catalog.service.reading import (
    Draft,
    FileFacts,
    HeaderReader,
    refusal_of_simulated,
)
from muse_catalog.store import (
    FrameStore,
    IntakeStore,
    KeywordsOfHdu,
    LoadingStore,
    MakingStore,
)
from musecore.db import Database, Transaction
from musecore.errors import Refused
from musecore.fits import HduHeader, QcValue, Value, compress_headers, qc_values
from musecore.identity import Principal
from musecore.muse.schema import MuseModel
from musecore.times import utcnow, uuid7

__all__ = ["Rows", "row_identity"]

AT_ONCE = 500
"""Rows of a transaction: the next ones are read while these are written."""


@dataclass(frozen=True)
class _Read:
    """What a row tells: its records, or why it is refused."""

    row: RowToRegister
    identity: str
    draft: Draft | Refusal
    keywords: Sequence[KeywordsOfHdu] = ()
    given: Mapping[str, Value] | None = None
    packed: bytes | None = None
    qc: Sequence[QcValue] = ()


Known = Mapping[str, tuple[UUID, UUID, str]]
"""File, first frame and class, by identity."""


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
        digest.update(cards.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class Rows:
    """Registers frames without bytes."""

    def __init__(
        self, database: Database, model: MuseModel, *, simulation: bool = False
    ) -> None:
        self._database = database
        self._model = model
        self._simulation = simulation
        self._reader = HeaderReader(model)
        self._keeper = Keeper(model)
        self._implied = implied_keywords(model)

    async def register(
        self, caller: Principal, request: RegisterRequest
    ) -> list[Registered]:
        """Register rows, each for itself: a refused one does not stop the others.

        May be repeated; a row that is known changes nothing. Rows are kept in
        transactions of `AT_ONCE`.

        Raises
        ------
        ProjectNotWritable
        """
        require_member(caller, request.project)
        rows = request.rows
        parts = [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]
        answers: list[Registered] = []
        reading = self._start(caller, request.project, parts[0] if parts else [])
        for n in range(len(parts)):
            read = await reading
            if n + 1 < len(parts):
                reading = self._start(caller, request.project, parts[n + 1])
            answers += await self._write(caller, request.project, read)
        return answers

    def _start(
        self, caller: Principal, project: str, rows: Sequence[RowToRegister]
    ) -> "asyncio.Future[list[_Read]]":
        """Read rows in a thread, beside what is written meanwhile."""
        reading = asyncio.to_thread(self._read_all, caller, project, rows)
        return asyncio.ensure_future(reading)

    async def _write(
        self, caller: Principal, project: str, read: Sequence[_Read]
    ) -> list[Registered]:
        async with self._database.begin() as tx:
            store = FrameStore(tx)
            await store.lock(f"register {project}")
            known = await store.registered(project, [one.identity for one in read])
            new = _new(read, known)
            await self._keep(tx, project, new)
            for one in read:
                if isinstance(one.draft, Refusal):
                    await self._refuse(tx, caller, project, one, one.draft)
        return _answers(read, known, new)

    async def _keep(
        self, tx: Transaction, project: str, new: Mapping[str, _Read]
    ) -> None:
        drafts = {key: _draft(new[key]) for key in new}
        ids = {key: drafts[key].file.file_id for key in new}
        await IntakeStore(tx).forget_refusals(list(new), project)
        await self._keeper.keep(tx, project, list(drafts.values()))
        loading = LoadingStore(tx)
        packed = {ids[key]: new[key].packed for key in new}
        await loading.add_headers({key: one for key, one in packed.items() if one})
        given = {ids[key]: new[key].given for key in new}
        await loading.add_given({key: one for key, one in given.items() if one})
        await loading.add_keywords(
            (ids[key], hdu) for key in new for hdu in new[key].keywords
        )
        await MakingStore(tx).add_qc_of(
            (drafts[key].frames[0].frame_id, new[key].qc) for key in new
        )

    def _read_all(
        self, caller: Principal, project: str, rows: Sequence[RowToRegister]
    ) -> list[_Read]:
        return [self._read(caller, project, row) for row in rows]

    def _read(self, caller: Principal, project: str, row: RowToRegister) -> _Read:
        if row.header:
            return self._read_header(caller, project, row)
        keywords = canonical_keywords(self._model, row.keywords)
        identity = row_identity(row, keywords)
        implied = self._implied if row.kind == "raw" else {}
        headers = Headers(row.name, {**implied, **keywords}, None)
        found = recognise(self._model, headers, kind=row.kind, tag=row.tag or None)
        if isinstance(found, Refusal):
            return _Read(row, identity, found)
        facts = _facts(caller, project, row, identity)
        plain = Headers(row.name, keywords, None)
        draft = self._reader.delivered(found, plain, facts, [])
        hdus = [KeywordsOfHdu.of(0, "", searchable(keywords))]
        return _Read(row, identity, draft, hdus, given=keywords)

    def _read_header(
        self, caller: Principal, project: str, row: RowToRegister
    ) -> _Read:
        """Read cards; of the primary header alone nothing is asked of extensions."""
        identity = row_identity(row, {})
        try:
            hdus = hdus_of_text(row.name, row.header)
        except Refused as error:
            refusal = Refusal(code=error.code, detail=error.detail, hint=error.hint)
            return _Read(row, identity, refusal)
        values = [hdu.header.as_dict() for hdu in hdus]
        names = [hdu.extname for hdu in hdus]
        others = list(zip(names[1:], values[1:], strict=True))
        headers = Headers(row.name, values[0], others or None)
        found = refusal_of_simulated(
            row.name, hdus, allowed=self._simulation
        ) or recognise(self._model, headers, kind=row.kind, tag=row.tag or None)
        if isinstance(found, Refusal):
            return _Read(row, identity, found)
        facts = _facts(caller, project, row, identity)
        draft = self._reader.delivered(found, headers, facts, hdus)
        keywords = [
            KeywordsOfHdu.of(n, name, searchable(values[n]))
            for n, name in enumerate(names)
        ]
        qc = _qc(draft, hdus)
        return _Read(
            row, identity, draft, keywords, packed=compress_headers(hdus), qc=qc
        )

    @staticmethod
    async def _refuse(
        tx: Transaction, caller: Principal, project: str, read: _Read, refusal: Refusal
    ) -> None:
        record = RefusalRecord(
            file_id=None,
            filename=read.row.name,
            project=project,
            owner=caller.subject,
            sha256=read.identity,
            size=0,
            at=utcnow(),
            **refusal.model_dump(),
        )
        await IntakeStore(tx).add_refusal(read.identity, record)


def _facts(
    caller: Principal, project: str, row: RowToRegister, identity: str
) -> FileFacts:
    return FileFacts(
        file_id=uuid7(),
        filename=row.name,
        sha256=identity,
        content_key=identity,
        size=0,
        object_key=None,
        project=project,
        owner=caller.subject,
        state="METADATA_ONLY",
    )


def _qc(draft: Draft, hdus: Sequence[HduHeader]) -> list[QcValue]:
    return qc_values(hdus) if draft.file.kind == "product" else []


def _draft(read: _Read) -> Draft:
    assert isinstance(read.draft, Draft)
    return read.draft


def _new(read: Sequence[_Read], known: Known) -> dict[str, _Read]:
    """Give what is to be added, by identity; a row that comes twice counts once."""
    return {
        one.identity: one
        for one in reversed(read)
        if isinstance(one.draft, Draft) and one.identity not in known
    }


def _answers(
    read: Sequence[_Read], known: Known, new: Mapping[str, _Read]
) -> list[Registered]:
    said: set[str] = set(known)
    answers = []
    for one in read:
        if isinstance(one.draft, Refusal):
            answers.append(_refused(one, one.draft))
            continue
        added = new.get(one.identity)
        found = known[one.identity] if added is None else _ids(_draft(added))
        answers.append(_registered(one, found, is_known=one.identity in said))
        said.add(one.identity)
    return answers


def _ids(draft: Draft) -> tuple[UUID, UUID, str]:
    return draft.file.file_id, draft.frames[0].frame_id, draft.file.tag


def _refused(read: _Read, refusal: Refusal) -> Registered:
    return Registered(
        name=read.row.name,
        state="refused",
        tag=None,
        file_id=None,
        frame_id=None,
        code=refusal.code,
        detail=" ".join(filter(None, (refusal.detail, refusal.hint))),
    )


def _registered(
    read: _Read, found: tuple[UUID, UUID, str], *, is_known: bool
) -> Registered:
    file_id, frame_id, tag = found
    return Registered(
        name=read.row.name,
        state="known" if is_known else "registered",
        tag=tag,
        file_id=file_id,
        frame_id=frame_id,
        code=None,
        detail=None,
    )
