"""Files that a site stored, refused or dropped."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from muse_catalog.models import Refusal, RefusalRecord
from muse_catalog.rules import CHECKSUM_DIFFERS, recognise
from muse_catalog.service.keeping import Keeper
from muse_catalog.service.reading import (
    Draft,
    FileFacts,
    HeaderReader,
    headers_of,
    ingested,
    keywords_of,
    qc_of_frames,
    refusal_of_simulated,
    unpacked,
)
from muse_catalog.store import FrameStore, IntakeStore, MakingStore, SupersededStore
from musecore.db import Database, Transaction
from musecore.fits import HduHeader
from musecore.messages import FileRefused, FileStored, FileUnwanted
from musecore.muse.schema import MuseModel
from musecore.outbox import once, publish
from musecore.times import utcnow

__all__ = ["Ingest"]


@dataclass(frozen=True)
class _Read:
    """What a file's headers tell: its records, or why it is refused."""

    packed: bytes
    hdus: Sequence[HduHeader]
    draft: Draft | Refusal


class Ingest:
    """Takes stored files into the catalogue. Every message may be heard twice."""

    def __init__(
        self, database: Database, model: MuseModel, *, simulation: bool = False
    ) -> None:
        self._database = database
        self._simulation = simulation
        self._model = model
        self._reader = HeaderReader(model)
        self._keeper = Keeper(model)

    async def on_stored(self, message_id: UUID, message: FileStored) -> None:
        """Register a stored file, or refuse it with the reason."""
        read = await asyncio.to_thread(self._read, message)
        async with self._database.begin() as tx:
            if await once(tx, message_id) and not await self._is_known(tx, message):
                await self._settle(tx, message, read)

    def _read(self, message: FileStored) -> _Read:
        packed, hdus = unpacked(message.headers)
        headers = headers_of(message.filename, hdus)
        found = refusal_of_simulated(
            message.filename, hdus, allowed=self._simulation
        ) or recognise(self._model, headers, kind=message.kind)
        if isinstance(found, Refusal):
            return _Read(packed, hdus, found)
        facts = FileFacts(
            file_id=message.file_id,
            filename=message.filename,
            sha256=message.sha256,
            content_key=message.content_key,
            size=message.size,
            object_key=message.object_key,
            project=message.project,
            owner=message.owner,
            state="STORED",
        )
        draft = self._reader.delivered(found, headers, facts, hdus)
        if message.wrong_sums:
            flagged = {"quality_flags": [CHECKSUM_DIFFERS]}
            draft = replace(draft, file=draft.file.model_copy(update=flagged))
        return _Read(packed, hdus, draft)

    async def _is_known(self, tx: Transaction, message: FileStored) -> bool:
        """Deal with a file whose id or bytes the project has already."""
        store = FrameStore(tx)
        await store.lock(f"content {message.project} {message.sha256}")
        known = await store.file(message.file_id)
        if known is not None:
            await store.set_state(known.file_id, "STORED", message.object_key)
            await self._tell_again(tx, known.file_id)
            return True
        same = await store.by_content(message.project, [message.sha256])
        known = same.get(message.sha256)
        if known is None:
            return False
        await IntakeStore(tx).add_twin(message.file_id, known.file_id)
        reason = f"the project has these bytes as {known.filename}"
        await publish(tx, FileUnwanted(file_id=message.file_id, reason=reason))
        return True

    async def _tell_again(self, tx: Transaction, file_id: UUID) -> None:
        """Tell of a file whose bytes are here again."""
        store = FrameStore(tx)
        file = await store.file(file_id)
        assert file is not None
        frames = [frame.record() for frame in await store.frames_of([file_id])]
        if file.task_id is None:
            await publish(tx, ingested(Draft(file, frames)))

    async def _settle(self, tx: Transaction, message: FileStored, read: _Read) -> None:
        intake = IntakeStore(tx)
        identity = str(message.file_id)
        if isinstance(read.draft, Refusal):
            record = RefusalRecord(
                file_id=message.file_id,
                filename=message.filename,
                project=message.project,
                owner=message.owner,
                sha256=message.sha256,
                size=message.size,
                at=utcnow(),
                **read.draft.model_dump(),
            )
            await intake.add_refusal(identity, record)
            reason = f"refused: {read.draft.detail}"
            await publish(tx, FileUnwanted(file_id=message.file_id, reason=reason))
            return
        await intake.forget_refusals([identity], message.project)
        await self._keeper.keep(tx, message.project, [read.draft])
        await FrameStore(tx).add_header(message.file_id, read.packed)
        await FrameStore(tx).add_keywords(message.file_id, keywords_of(read.hdus))
        if read.draft.file.kind == "product":
            for frame_id, values in qc_of_frames(read.draft.frames, read.hdus):
                await MakingStore(tx).add_qc(frame_id, values)

    async def on_refused(self, message_id: UUID, message: FileRefused) -> None:
        """Note a file that the site refused."""
        record = RefusalRecord(
            hint=None, at=utcnow(), **message.model_dump(mode="python")
        )
        async with self._database.begin() as tx:
            if await once(tx, message_id):
                await IntakeStore(tx).add_refusal(str(message.file_id), record)

    async def on_unwanted(self, message_id: UUID, message: FileUnwanted) -> None:
        """Note that the bytes of a file are gone; its record stays.

        A product of an answer that came too late leaves no record: its task has the
        products of another attempt. Nor does a trial that is over.
        """
        async with self._database.begin() as tx:
            if not await once(tx, message_id):
                return
            if message.superseded:
                superseded = SupersededStore(tx)
                await superseded.lock([message.file_id])
                await superseded.remember(message.file_id, message.reason)
                await superseded.forget_product(message.file_id)
            else:
                await FrameStore(tx).set_state(message.file_id, "EVICTED", None)
