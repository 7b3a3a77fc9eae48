"""What people say of frames: edits with their consequences, history, remarks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from muse_catalog.models import (
    Batch,
    Consequences,
    Edit,
    Edited,
    Frame,
    Remark,
    RemarkToAdd,
    Said,
    ScoreEntry,
    ValidityChange,
    ValidityEntry,
)
from muse_catalog.rules import (
    EditClash,
    FrameNotFound,
    QualityLimits,
    access_of,
    require_member,
)
from muse_catalog.service.queries import find_frame
from muse_catalog.store import FrameStore, MadeOf, QualityStore
from musecore.db import Database, Transaction
from musecore.identity import Principal
from musecore.messages import FrameChanged
from musecore.outbox import publish_many
from musecore.times import utcnow

__all__ = ["Quality"]

_VERDICTS = {"yes": True, "no": False, "unknown": None}


class Quality:
    """Lets people judge frames; what they said before is kept."""

    def __init__(self, database: Database, limits: QualityLimits) -> None:
        self._database = database
        self._limits = limits

    async def change(
        self, caller: Principal, frame_id: str, change: ValidityChange
    ) -> Frame:
        """Say whether a frame may be used, and why.

        Raises
        ------
        FrameNotFound, FrameAmbiguous, FlagUnknown
        EditClash
            Somebody said something since the version that the caller saw.
        ProjectNotWritable
            The caller sees the frame (a static) and is no member of its project.
        """
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            edit = Edit(
                frame_id=frame.frame_id,
                is_valid=change.is_valid,
                flags=change.flags,
                expect=change.expect,
            )
            edited = await self._edited(tx, caller, [edit])
            await _commit(tx, edited, change.reason, caller)
            return await find_frame(tx, caller, str(frame.frame_id))

    async def batch(self, caller: Principal, batch: Batch) -> Consequences:
        """Make all edits together, or none; with `dry_run` only say what would follow.

        Raises
        ------
        FrameNotFound, FlagUnknown, EditClash, ProjectNotWritable
        """
        async with self._database.begin() as tx:
            edited = await self._edited(tx, caller, batch.edits)
            changed = [frame.frame_id for frame, now in edited if _differs(frame, now)]
            made = await QualityStore(tx).made_of(changed, access_of(caller))
            if not batch.dry_run:
                await _commit(tx, edited, batch.reason, caller)
        return _consequences(batch, edited, made)

    async def _edited(
        self, tx: Transaction, caller: Principal, edits: Sequence[Edit]
    ) -> list[tuple[Frame, Said]]:
        """Give each frame with what is said of it from now on."""
        by_id = {one.frame_id: one for one in edits}
        store = QualityStore(tx)
        frames = await store.lock(list(by_id), access_of(caller))
        lacking = by_id.keys() - {frame.frame_id for frame in frames}
        if lacking:
            raise FrameNotFound(
                f"There is no frame {min(lacking)}.", hint="Nothing was changed."
            )
        for project in {frame.project for frame in frames}:
            require_member(caller, project)
        for frame in frames:
            expect = by_id[frame.frame_id].expect
            if expect is not None and expect != frame.version:
                history = await store.history(frame.frame_id)
                raise _clash(frame, history, caller, utcnow())
        return [(frame, self._said(frame, by_id[frame.frame_id])) for frame in frames]

    def _said(self, frame: Frame, edit: Edit) -> Said:
        word = edit.is_valid or frame.is_valid
        said = _before(frame)
        if edit.flags is not None:
            flags = self._limits.check_said(edit.flags)
            said = said.model_copy(update={"flags": flags})
        verdict = _VERDICTS.get(word, frame.verdict)
        return said.model_copy(
            update={
                "is_valid": word,
                "verdict": verdict,
                "version": frame.version + 1,
            }
        )

    async def history(self, caller: Principal, frame_id: str) -> list[ValidityEntry]:
        """Give what was said of a frame, oldest first."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            return await QualityStore(tx).history(frame.frame_id)

    # ---------------------------------------------------------------- remarks
    async def remark(
        self, caller: Principal, frame_id: str, remark: RemarkToAdd
    ) -> Remark:
        """Keep a comment, or an assessment with its grade.

        Raises
        ------
        FrameNotFound, FrameAmbiguous, ProjectNotWritable
        """
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            require_member(caller, frame.project)
            return await QualityStore(tx).add_remark(
                frame.frame_id, remark, by=caller.subject, at=utcnow()
            )

    async def remarks(self, caller: Principal, frame_id: str) -> list[Remark]:
        """Give the remarks on a frame, oldest first."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            return await QualityStore(tx).remarks(frame.frame_id)

    async def scores(self, caller: Principal, frame_id: str) -> list[ScoreEntry]:
        """Give the scores of a product, those of the newest limits first."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            return await QualityStore(tx).scores(frame.frame_id)


def _before(frame: Frame) -> Said:
    return Said(
        is_valid=frame.is_valid,
        verdict=frame.verdict,
        flags=tuple(frame.flags_said),
        version=frame.version,
    )


def _differs(frame: Frame, now: Said) -> bool:
    return (now.is_valid, now.flags) != (frame.is_valid, tuple(frame.flags_said))


async def _commit(
    tx: Transaction,
    edited: Sequence[tuple[Frame, Said]],
    reason: str,
    caller: Principal,
) -> None:
    said = {frame.frame_id: now for frame, now in edited}
    await QualityStore(tx).say(said, reason=reason, by=caller.subject, at=utcnow())
    files = await FrameStore(tx).files([frame.file_id for frame, _ in edited])
    system = {file_id: file.quality_flags for file_id, file in files.items()}
    told = _told(edited, system, reason, caller.subject)
    await publish_many(tx, [(one, None, 0) for one in told])


def _told(
    edited: Iterable[tuple[Frame, Said]],
    system: Mapping[UUID, list[str]],
    reason: str,
    by: str,
) -> list[FrameChanged]:
    """Give what others must hear: a proposal alone changes nothing for them."""
    groups: dict[tuple[UUID, bool | None, tuple[str, ...]], list[UUID]] = {}
    for frame, now in edited:
        flags = tuple(sorted({*system[frame.file_id], *now.flags}))
        if now.is_valid == "proposed" and flags == tuple(frame.quality_flags):
            continue
        key = (frame.file_id, now.verdict, flags)
        groups.setdefault(key, []).append(frame.frame_id)
    return [
        FrameChanged(
            file_id=file_id,
            frame_ids=frame_ids,
            is_valid=verdict,
            quality_flags=list(flags),
            reason=reason,
            by=by,
        )
        for (file_id, verdict, flags), frame_ids in groups.items()
    ]


def _clash(
    frame: Frame, history: Sequence[ValidityEntry], caller: Principal, now: datetime
) -> EditClash:
    who, when = "someone", ""
    if history:
        who = "you" if history[-1].by == caller.subject else "someone else"
        when = f" {_ago((now - history[-1].at).total_seconds())}"
    return EditClash(
        f"is_valid of {str(frame.frame_id)[:13]}… was set by {who}{when}.",
        hint=f"Look at it and pass expect={frame.version}.",
    )


def _ago(seconds: float) -> str:
    """Give a time that is past, in words."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length * (2 if unit == "days" else 1):
            return f"{int(seconds // length)} {unit} ago"
    return "less than a minute ago"


def _consequences(
    batch: Batch, edited: Sequence[tuple[Frame, Said]], made: Sequence[MadeOf]
) -> Consequences:
    changed = [
        Edited(
            frame_id=frame.frame_id,
            tag=frame.tag,
            ifu=frame.ifu,
            filename=frame.filename,
            before=_before(frame),
            after=now,
        )
        for frame, now in edited
        if _differs(frame, now)
    ]
    by_class: dict[str, int] = {}
    assessed: dict[str, int] = {}
    for one in made:
        if one.seen:
            by_class[one.tag] = by_class.get(one.tag, 0) + one.count
            if one.grade is not None:
                assessed[one.grade] = assessed.get(one.grade, 0) + one.count
    elsewhere = sum(one.count for one in made if not one.seen)
    products = sum(by_class.values())
    return Consequences(
        dry_run=batch.dry_run,
        edits=changed,
        unchanged=len(edited) - len(changed),
        products=products,
        by_class=by_class,
        assessed=dict(sorted(assessed.items())),
        elsewhere=elsewhere,
        text=_sentence(products, assessed, elsewhere),
    )


def _sentence(products: int, assessed: dict[str, int], elsewhere: int) -> str:
    """Give ``7 products made of these, 2 assessed A``."""
    parts = [f"{products or 'no'} product{'' if products == 1 else 's'} made of these"]
    parts += [f"{count} assessed {grade}" for grade, count in sorted(assessed.items())]
    if elsewhere:
        parts.append(f"and {elsewhere} in projects that you cannot see")
    return ", ".join(parts)
