"""Take over what the catalog says about frames."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from muse_scheduler.models import ChipSetup, FrameRecord
from muse_scheduler.service.context import Context
from muse_scheduler.store import FrameStore, ProductStore
from musecore.db import Transaction
from musecore.log import get_logger
from musecore.messages import FrameChanged, FrameIngested
from musecore.outbox import once

log = get_logger(__name__)

TARGET_COLUMN = "obs_targ_name"


class Projection:
    """Keeps the scheduler's own picture of the catalog."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ingest(self, message_id: UUID, event: FrameIngested) -> None:
        """Add or renew a file; harmless when repeated."""
        async with self._context.database.begin() as tx:
            if not await once(tx, message_id):
                return
            target = event.keywords.get(TARGET_COLUMN)
            await FrameStore(tx).put(
                frame_of(event),
                None if target is None else str(target),
                {ref.ifu: ref.frame_id for ref in event.frames},
            )

    async def unknown(self, file_ids: Collection[UUID]) -> list[UUID]:
        """Say which of these files the catalog has not told of yet."""
        async with self._context.database.begin() as tx:
            known = await FrameStore(tx).stored(file_ids)
        return [file_id for file_id in file_ids if file_id not in known]

    async def change(self, message_id: UUID, event: FrameChanged) -> None:
        """Take over validity and flags: of a whole file, of single IFUs, of products."""
        async with self._context.database.begin() as tx:
            if not await once(tx, message_id):
                return
            await self._change_frame(tx, event)
            await self._change_products(tx, event)

    async def _change_frame(self, tx: Transaction, event: FrameChanged) -> None:
        store = FrameStore(tx)
        known = await store.frame_ids(event.file_id)
        if known is None:
            return
        named = {n for n, frame_id in known.items() if frame_id in event.frame_ids}
        if not named or named == set(known):
            flags = event.quality_flags
            await store.set_validity(event.file_id, event.is_valid, flags)
        else:
            bad = event.is_valid is False
            await store.set_bad_ifus(event.file_id, named, bad=bad)

    async def _change_products(self, tx: Transaction, event: FrameChanged) -> None:
        """Keep a product that people call bad from being used again."""
        store = ProductStore(tx)
        products = await store.of_file(event.file_id)
        why = f"{event.reason} ({event.by})"
        if event.is_valid is False:
            bad = [p.product_id for p in products if p.state in {"VALID", "STALE"}]
            await store.move(bad, "BAD", why)
        else:
            good = [p.product_id for p in products if p.state == "BAD"]
            await store.move(good, "VALID", why)


def frame_of(event: FrameIngested) -> FrameRecord:
    """Turn the catalog's event into the scheduler's record of the file."""
    chips = {
        ref.ifu: ChipSetup(
            chip_id=ref.chip_id, chip_name=ref.chip_name, live=ref.chip_live
        )
        for ref in event.frames
        if ref.ifu is not None
    }
    return FrameRecord(
        file_id=event.file_id,
        kind=event.kind,
        tag=event.tag,
        filename=event.filename,
        arcfile=event.arcfile,
        object_key=event.object_key,
        sha256=event.sha256,
        content_key=event.content_key,
        size=event.size,
        mjd_us=event.mjd_us,
        night=event.night,
        ifus=chips,
        keywords=event.keywords,
        is_valid=event.is_valid,
        project=event.project,
    )
