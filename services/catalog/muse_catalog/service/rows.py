"""Frames that are known by their metadata only."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
            await FrameStore(tx).lock(f"register {request.project}")
            return [await self._settle(tx, caller, request, one) for one in read]

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

    async def _settle(
        self, tx: Transaction, caller: Principal, request: RegisterRequest, read: _Read
    ) -> Registered:
        if isinstance(read.draft, Refusal):
            await self._refuse(tx, caller, request.project, read, read.draft)
            return Registered(
                name=read.row.name,
                state="refused",
                tag=None,
                file_id=None,
                frame_id=None,
                code=read.draft.code,
                detail=" ".join(filter(None, (read.draft.detail, read.draft.hint))),
            )
        store = FrameStore(tx)
        known = await store.by_content(request.project, read.identity)
        if known is not None:
            [frame, *_] = await store.frames_of([known.file_id])
            return _registered(read, "known", known.tag, known.file_id, frame.frame_id)
        await IntakeStore(tx).forget_refusal(read.identity, request.project)
        await self._keeper.keep(tx, read.draft)
        file = read.draft.file
        await store.add_given(file.file_id, read.keywords)
        frame_id = read.draft.frames[0].frame_id
        return _registered(read, "registered", file.tag, file.file_id, frame_id)

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


def _registered(
    read: _Read, state: Any, tag: str, file_id: Any, frame_id: Any
) -> Registered:
    return Registered(
        name=read.row.name,
        state=state,
        tag=tag,
        file_id=file_id,
        frame_id=frame_id,
        code=None,
        detail=None,
    )
