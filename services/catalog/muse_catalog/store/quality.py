"""What people said of frames, remarks, scores, and what was made of frames. SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from muse_catalog.models import (
    Access,
    Frame,
    Remark,
    RemarkToAdd,
    Said,
    ScoreEntry,
    ValidityEntry,
)
from muse_catalog.rules import Score
from muse_catalog.store.frames import FrameStore, visible
from muse_catalog.store.many import one_of
from muse_catalog.tables import (
    FileRow,
    FrameRow,
    LineageRow,
    RemarkRow,
    ScoreRow,
    ValidityRow,
)
from musecore.db import Transaction

__all__ = ["MadeOf", "QualityStore"]

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c
_SCORE = ScoreRow.__table__.c


@dataclass(frozen=True)
class MadeOf:
    """How many products there are of a class and grade."""

    tag: str
    grade: str | None
    seen: bool  # by the caller
    count: int


class QualityStore:
    """What is said of frames, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    # ---------------------------------------------------------------- verdicts
    async def lock(self, frame_ids: Sequence[UUID], access: Access) -> list[Frame]:
        """Give frames that nobody else changes until the end, in the order of ids."""
        await self._tx.session.execute(
            select(_FRAME.frame_id)
            .where(one_of(_FRAME.frame_id, frame_ids))
            .order_by(_FRAME.frame_id)
            .with_for_update()
        )
        return await FrameStore(self._tx).by_ids(frame_ids, access)

    async def say(
        self, said: Mapping[UUID, Said], *, reason: str, by: str, at: datetime
    ) -> None:
        """Keep what is said of frames now, and add it to their history."""
        rows = [
            {
                "frame_id": frame_id,
                "is_valid": one.verdict,
                "proposed": one.is_valid == "proposed",
                "flags_said": list(one.flags),
                "version": one.version,
            }
            for frame_id, one in said.items()
        ]
        kept = [row | {"is_valid_reason": reason} for row in rows]
        await self._tx.session.execute(update(FrameRow), kept)
        told = [row | {"reason": reason, "by": by, "at": at} for row in rows]
        await self._tx.session.execute(insert(ValidityRow), told)

    async def history(self, frame_id: UUID) -> list[ValidityEntry]:
        """Give what was said of a frame, oldest first."""
        found = await self._tx.session.scalars(
            select(ValidityRow)
            .where(ValidityRow.frame_id == frame_id)
            .order_by(ValidityRow.id)
        )
        return [_entry(row) for row in found]

    # ---------------------------------------------------------------- consequences
    async def made_of(self, frame_ids: Sequence[UUID], access: Access) -> list[MadeOf]:
        """Count what was made of frames, at any depth, and is not called bad."""
        made = FileRow.__table__.alias("made")
        read = LineageRow.__table__.alias("read")
        runs = made.join(
            read,
            and_(read.c.task_id == made.c.task_id, read.c.attempt == made.c.attempt),
        )
        of_ifu = or_(
            read.c.ifu.is_(None), _FRAME.ifu.is_(None), read.c.ifu == _FRAME.ifu
        )
        first = select(made.c.file_id).select_from(
            runs.join(
                FrameRow.__table__, and_(read.c.file_id == _FRAME.file_id, of_ifu)
            )
        )
        kin = first.where(one_of(_FRAME.frame_id, frame_ids)).cte(recursive=True)
        kin = kin.union(
            select(made.c.file_id).select_from(
                runs.join(kin, read.c.file_id == kin.c.file_id)
            )
        )
        seen = visible(access)
        joined = FrameRow.__table__.join(
            FileRow.__table__, _FRAME.file_id == _FILE.file_id
        )
        found = await self._tx.session.execute(
            select(_FILE.tag, _FRAME.grade, seen, func.count())
            .select_from(joined)
            .where(
                _FILE.file_id.in_(select(kin.c.file_id)),
                not_(one_of(_FRAME.frame_id, frame_ids)),
                _FRAME.is_valid.is_not(False),
            )
            .group_by(_FILE.tag, _FRAME.grade, seen)
            .order_by(_FILE.tag, _FRAME.grade)
        )
        return [MadeOf(*row) for row in found]

    # ---------------------------------------------------------------- remarks
    async def add_remark(
        self, frame_id: UUID, remark: RemarkToAdd, *, by: str, at: datetime
    ) -> Remark:
        """Keep a remark; its grade becomes that of the frame."""
        given = {**remark.model_dump(), "by": by, "at": at}
        added = await self._tx.session.execute(
            insert(RemarkRow).values(frame_id=frame_id, **given).returning(RemarkRow.id)
        )
        if remark.grade is not None:
            await self._tx.session.execute(
                update(FrameRow)
                .where(FrameRow.frame_id == frame_id)
                .values(grade=remark.grade)
            )
        return Remark(id=added.scalar_one(), **given)

    async def remarks(self, frame_id: UUID) -> list[Remark]:
        """Give the remarks on a frame, oldest first."""
        found = await self._tx.session.scalars(
            select(RemarkRow)
            .where(RemarkRow.frame_id == frame_id)
            .order_by(RemarkRow.id)
        )
        return [
            Remark(**{name: getattr(row, name) for name in Remark.model_fields})
            for row in found
        ]

    # ---------------------------------------------------------------- scores
    async def add_scores(
        self, frame_id: UUID, version: int, scores: Sequence[Score], at: datetime
    ) -> None:
        """Keep the scores of a version of the limits, in place of earlier ones of it."""
        await self._tx.session.execute(
            delete(ScoreRow).where(
                ScoreRow.frame_id == frame_id, ScoreRow.limits_version == version
            )
        )
        rows = [
            {
                **asdict(one),
                "frame_id": frame_id,
                "limits_version": version,
                "ordinal": n,
                "at": at,
            }
            for n, one in enumerate(scores)
        ]
        if rows:
            await self._tx.session.execute(insert(ScoreRow), rows)

    async def scores(self, frame_id: UUID) -> list[ScoreEntry]:
        """Give the scores of a frame, those of the newest limits first."""
        columns = [_SCORE[name] for name in ScoreEntry.model_fields]
        found = await self._tx.session.execute(
            select(*columns)
            .where(_SCORE.frame_id == frame_id)
            .order_by(_SCORE.limits_version.desc(), _SCORE.ordinal)
        )
        return [ScoreEntry.model_validate(dict(row._mapping)) for row in found]

    async def flags_of_scores(self, frame_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
        """Give the flags that scores of any version set."""
        found = await self._tx.session.execute(
            select(_SCORE.frame_id, _SCORE.flag)
            .where(one_of(_SCORE.frame_id, frame_ids), _SCORE.score == 2)
            .distinct()
        )
        flags: dict[UUID, set[str]] = {}
        for frame_id, flag in found:
            flags.setdefault(frame_id, set()).add(flag)
        return flags

    async def products_after(
        self, last: UUID, *, tag: str | None, project: str | None, limit: int
    ) -> list[Frame]:
        """Give products in the order of their ids, from behind one."""
        conditions = [_FRAME.frame_id > last, _FILE.kind == "product"]
        if tag is not None:
            conditions.append(_FILE.tag == tag)
        if project is not None:
            conditions.append(_FILE.project == project)
        return await FrameStore(self._tx).that(and_(*conditions), limit)


def _entry(row: ValidityRow) -> ValidityEntry:
    word = {True: "yes", False: "no", None: "unknown"}[row.is_valid]
    return ValidityEntry.model_validate(
        {
            "is_valid": "proposed" if row.proposed else word,
            "flags": row.flags_said,
            "version": row.version,
            "reason": row.reason,
            "by": row.by,
            "at": row.at,
        }
    )
