"""QC values against limits: when a product arrives, and again when limits change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from muse_catalog.models import FileRecord, Frame
from muse_catalog.rules import QualityLimits
from muse_catalog.store import FrameStore, MakingStore, QcStored, QualityStore
from musecore.db import Database, Transaction
from musecore.fits import QcValue
from musecore.messages import FrameChanged
from musecore.outbox import publish
from musecore.times import utcnow

__all__ = ["Rescored", "Scoring"]

AT_ONCE = 200
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class Rescored:
    """What was done: products looked at, scores kept, products with other flags."""

    products: int
    scores: int
    changed: int
    version: int


class Scoring:
    """Scores products that are in the catalogue by the limits of now."""

    def __init__(self, database: Database, limits: QualityLimits) -> None:
        self._database = database
        self._limits = limits

    async def rescore(
        self, *, tag: str | None = None, project: str | None = None
    ) -> Rescored:
        """Score all products (of a class, of a project) by the limits of now.

        Scores of other versions stay; flags become those of now. May be broken off
        and run again: each part is a transaction of its own.
        """
        products = scores = changed = 0
        last = _FIRST
        while True:
            async with self._database.begin() as tx:
                some = await QualityStore(tx).products_after(
                    last, tag=tag, project=project, limit=AT_ONCE
                )
                if not some:
                    break
                kept, flagged = await self._score(tx, some)
            last = some[-1].frame_id
            products += len(some)
            scores += kept
            changed += flagged
        return Rescored(products, scores, changed, self._limits.version)

    async def _score(self, tx: Transaction, frames: Sequence[Frame]) -> tuple[int, int]:
        """Give the number of scores, and of products whose flags changed."""
        store = QualityStore(tx)
        earlier = await store.flags_of_scores([one.frame_id for one in frames])
        files = await FrameStore(tx).files([one.file_id for one in frames])
        kept = changed = 0
        for frame in frames:
            qc = await MakingStore(tx).qc(frame.frame_id)
            found = self._limits.scores(frame.recipe, map(_value, qc), frame.night)
            await store.add_scores(
                frame.frame_id, self._limits.version, found, utcnow()
            )
            kept += len(found)
            file = files[frame.file_id]
            by_limits = self._limits.of_limits | earlier.get(frame.frame_id, set())
            broken = {one.flag for one in found if one.score == 2}
            flags = sorted((set(file.quality_flags) - by_limits) | broken)
            if flags != file.quality_flags:
                await self._flag(tx, frame, file, flags)
                changed += 1
        return kept, changed

    async def _flag(
        self, tx: Transaction, frame: Frame, file: FileRecord, flags: list[str]
    ) -> None:
        await FrameStore(tx).set_flags(file.file_id, flags)
        await publish(
            tx,
            FrameChanged(
                file_id=file.file_id,
                frame_ids=[frame.frame_id],
                is_valid=frame.verdict,
                quality_flags=sorted({*flags, *frame.flags_said}),
                reason=f"scored by version {self._limits.version} of the limits",
                by="catalog",
            ),
        )


def _value(stored: QcStored) -> QcValue:
    name, ifu, value, text, unit = stored
    given = text if value is None else value
    return QcValue(name=name, ifu=ifu, value=given, unit=unit or "", comment="")
