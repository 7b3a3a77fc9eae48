"""Products of our own tasks: registered under the ids that the worker gave them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from muse_catalog.models import Refusal, RefusalRecord, TaskRun
from muse_catalog.rules import QualityLimits, Score
from muse_catalog.service.reading import (
    Draft,
    FileFacts,
    HeaderReader,
    headers_of,
    keywords_of,
    refusal_of_simulated,
    unpacked,
)
from muse_catalog.service.references import Matcher
from muse_catalog.store import (
    FrameStore,
    IntakeStore,
    MakingStore,
    QualityStore,
    SupersededStore,
)
from musecore.db import Database, Transaction
from musecore.fits import HduHeader, QcValue, qc_values
from musecore.messages import ProductMade, TaskFinished
from musecore.muse.schema import MuseModel
from musecore.outbox import once
from musecore.times import utcnow

__all__ = ["Products"]


@dataclass(frozen=True)
class _Read:
    packed: bytes
    hdus: Sequence[HduHeader]
    draft: Draft
    refusal: Refusal | None
    qc: Sequence[QcValue]
    scores: Sequence[Score]


class Products:
    """Registers what tasks made."""

    def __init__(
        self,
        database: Database,
        model: MuseModel,
        limits: QualityLimits,
        *,
        simulation: bool = False,
    ) -> None:
        self._database = database
        self._simulation = simulation
        self._reader = HeaderReader(model)
        self._matcher = Matcher(model)
        self._limits = limits

    async def on_finished(self, message_id: UUID, message: TaskFinished) -> None:
        """Register a run with its products, inputs and QC. May be heard twice.

        A simulated run is refused as a whole by a server of real data.
        """
        read = await asyncio.to_thread(self._read_all, message)
        async with self._database.begin() as tx:
            if not await once(tx, message_id):
                return
            if any(one.refusal for one in read):
                await self._refuse(tx, read)
                return
            if await self._came_too_late(tx, message):
                return
            making = MakingStore(tx)
            if not await making.add_run(_run(message)):
                return  # the worker spoke twice of one attempt
            await making.add_inputs(message.task_id, message.attempt, message.inputs)
            for one in read:
                await self._keep(tx, one)
            await self._matcher.match(tx, [one.draft for one in read])

    def _read_all(self, message: TaskFinished) -> list[_Read]:
        return [self._read(message, product) for product in message.products]

    def _read(self, message: TaskFinished, product: ProductMade) -> _Read:
        packed, hdus = unpacked(product.headers)
        facts = FileFacts(
            file_id=product.file_id,
            filename=product.filename,
            sha256=product.sha256,
            content_key=product.content_key,
            size=product.size,
            object_key=product.object_key,
            project=message.project,
            owner=message.owner,
            state="STORED",
        )
        qc = [_of_ifu(one, product.ifu) for one in qc_values(hdus)]
        draft = self._reader.product(
            headers_of(product.filename, hdus),
            facts,
            tag=product.tag,
            frame_id=product.product_id,
            ifu=product.ifu,
            run=(message.recipe, message.task_id, message.attempt),
        )
        scores = self._limits.scores(message.recipe, qc, draft.file.night)
        flags = self._limits.flags_of_product(
            scores, caveats=message.caveats, warnings=message.warnings
        )
        file = draft.file.model_copy(update={"quality_flags": flags})
        refusal = refusal_of_simulated(product.filename, hdus, allowed=self._simulation)
        return _Read(packed, hdus, replace(draft, file=file), refusal, qc, scores)

    @staticmethod
    async def _came_too_late(tx: Transaction, message: TaskFinished) -> bool:
        """Whether the scheduler said already that another attempt counts."""
        superseded = SupersededStore(tx)
        files = [product.file_id for product in message.products]
        await superseded.lock(files)
        return await superseded.any_of(files)

    @staticmethod
    async def _refuse(tx: Transaction, read: Sequence[_Read]) -> None:
        """Note what was refused; the scheduler has the bytes removed."""
        for one in read:
            if one.refusal is None:
                continue
            file = one.draft.file
            kept = file.model_dump(
                include={"file_id", "filename", "project", "owner", "sha256", "size"}
            )
            refused = one.refusal.model_dump()
            record = RefusalRecord.model_validate(kept | refused | {"at": utcnow()})
            await IntakeStore(tx).add_refusal(str(file.file_id), record)

    async def _keep(self, tx: Transaction, read: _Read) -> None:
        store = FrameStore(tx)
        if not await store.add_file(read.draft.file):
            return
        await store.add_frames(read.draft.frames)
        await store.add_header(read.draft.file.file_id, read.packed)
        await store.add_keywords(read.draft.file.file_id, keywords_of(read.hdus))
        frame_id = read.draft.frames[0].frame_id
        await MakingStore(tx).add_qc(frame_id, read.qc)
        if read.scores:
            await QualityStore(tx).add_scores(
                frame_id, self._limits.version, read.scores, utcnow()
            )


def _of_ifu(one: QcValue, ifu: int | None) -> QcValue:
    return one if one.ifu is not None else one._replace(ifu=ifu)


def _run(message: TaskFinished) -> TaskRun:
    return TaskRun(
        task_id=message.task_id,
        attempt=message.attempt,
        recipe=message.recipe,
        ifu=message.ifu,
        key=message.key,
        worker=message.worker,
        parameters=message.parameters,
        versions=message.versions,
        log_file_id=message.log_file_id,
        warnings=message.warnings,
        caveats=message.caveats,
        started=message.started,
        ended=message.ended,
        resources=message.resources.model_dump(),
    )
