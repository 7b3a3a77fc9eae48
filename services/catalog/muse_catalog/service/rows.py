"""Frames that are known by their metadata only."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muse_catalog.models import (
    FileRecord,
    Frame,
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
)
from muse_catalog.service.keeping import Keeper
from muse_catalog.service.reading import Draft, FileFacts, HeaderReader
from muse_catalog.store import FrameStore, IntakeStore
from musecore.db import Database, Transaction
from musecore.fits import Value
from musecore.identity import Principal
from musecore.muse.schema import MuseModel
from musecore.times import utcnow, uuid7

__all__ = ["Rows", "row_identity"]


@dataclass(frozen=True)
class _Read:
    row: RowToRegister
    identity: str
    keywords: dict[str, Value]
    draft: Draft | Refusal


def row_identity(row: RowToRegister, keywords: Mapping[str, Any]) -> str:
    """Give the sha256 of a row: of its name, kind, tag and keywords as canonical JSON.

    The order of the keywords and absent ones make no difference.
    """
    told = {"name": row.name, "kind": row.kind, "tag": row.tag or None}
    text = json.dumps(
        {**told, "keywords": dict(keywords)}, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


class Rows:
    """Registers frames without bytes."""

    def __init__(self, database: Database, model: MuseModel) -> None:
        self._database = database
        self._model = model
        self._reader = HeaderReader(model)
        self._keeper = Keeper(model)
        self._implied = implied_keywords(model)

    async def register(
        self, caller: Principal, request: RegisterRequest
    ) -> list[Registered]:
        """Register rows, each for itself: a refused one does not stop the others.

        May be repeated; a row that is known changes nothing.

        Raises
        ------
        ProjectNotWritable
        """
        require_member(caller, request.project)
        read = await asyncio.to_thread(self._read_all, caller, request)
        async with self._database.begin() as tx:
            store = FrameStore(tx)
            await store.lock(f"register {request.project}")
            known = await store.by_content(
                request.project, [one.identity for one in read]
            )
            new = _new(read, known)
            await self._keep(tx, request.project, new)
            for one in read:
                if isinstance(one.draft, Refusal):
                    await self._refuse(tx, caller, request.project, one, one.draft)
            ids = [*(one.file_id for one in known.values()), *_file_ids(new)]
            frames = {one.sha256: one for one in await store.frames_of(ids)}
        return _answers(read, known, frames)

    async def _keep(
        self, tx: Transaction, project: str, new: Mapping[str, _Read]
    ) -> None:
        drafts = [one.draft for one in new.values() if isinstance(one.draft, Draft)]
        await IntakeStore(tx).forget_refusals(list(new), project)
        await self._keeper.keep(tx, project, drafts)
        await FrameStore(tx).add_given(
            {
                one.draft.file.file_id: one.keywords
                for one in new.values()
                if isinstance(one.draft, Draft)
            }
        )

    def _read_all(self, caller: Principal, request: RegisterRequest) -> list[_Read]:
        return [self._read(caller, request.project, row) for row in request.rows]

    def _read(self, caller: Principal, project: str, row: RowToRegister) -> _Read:
        keywords = canonical_keywords(self._model, row.keywords)
        identity = row_identity(row, keywords)
        implied = self._implied if row.kind == "raw" else {}
        headers = Headers(row.name, {**implied, **keywords}, None)
        found = recognise(self._model, headers, kind=row.kind, tag=row.tag or None)
        if isinstance(found, Refusal):
            return _Read(row, identity, keywords, found)
        facts = FileFacts(
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
        plain = Headers(row.name, keywords, None)
        return _Read(
            row, identity, keywords, self._reader.delivered(found, plain, facts, [])
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


def _new(read: Sequence[_Read], known: Mapping[str, FileRecord]) -> dict[str, _Read]:
    """Give what is to be added, by identity; a row that comes twice counts once."""
    return {
        one.identity: one
        for one in reversed(read)
        if isinstance(one.draft, Draft) and one.identity not in known
    }


def _file_ids(new: Mapping[str, _Read]) -> list[UUID]:
    drafts = (one.draft for one in new.values())
    return [draft.file.file_id for draft in drafts if isinstance(draft, Draft)]


def _answers(
    read: Sequence[_Read], known: Mapping[str, FileRecord], frames: Mapping[str, Frame]
) -> list[Registered]:
    said: set[str] = set(known)
    answers = []
    for one in read:
        answers.append(_answer(one, frames.get(one.identity), one.identity in said))
        said.add(one.identity)
    return answers


def _answer(read: _Read, frame: Frame | None, is_known: bool) -> Registered:
    refusal = read.draft if isinstance(read.draft, Refusal) else None
    if frame is None or refusal is not None:
        assert refusal is not None
        return Registered(
            name=read.row.name,
            state="refused",
            tag=None,
            file_id=None,
            frame_id=None,
            code=refusal.code,
            detail=" ".join(filter(None, (refusal.detail, refusal.hint))),
        )
    return Registered(
        name=read.row.name,
        state="known" if is_known else "registered",
        tag=frame.tag,
        file_id=frame.file_id,
        frame_id=frame.frame_id,
        code=None,
        detail=None,
    )
