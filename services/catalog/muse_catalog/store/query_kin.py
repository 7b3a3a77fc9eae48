"""Conditions on lineage: what was made of an object, and what it was made from. SQL."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from muse_catalog.tables import FileRow, FrameRow, LineageRow

__all__ = ["Place", "made_of", "used_for"]

_FRAME = FrameRow.__table__.c

Condition = ColumnElement[bool]
Place = tuple[UUID, int | None]
"""File and IFU of a frame."""


def made_of(place: Place, depth: int | None) -> Condition:
    """Give the condition of what was made of a frame.

    A raw file has a frame for each IFU: of it only what that IFU was used for counts.
    """
    file_id, ifu = place
    joined, given, wanted, used = _step_down()
    level = _level(depth)
    found = wanted.label("file_id")
    first = select(found, level(None)).select_from(joined).where(given == file_id)
    if ifu is not None:
        first = first.where(or_(used.is_(None), used == ifu))
    kin = first.cte(recursive=True)
    kin = kin.union(
        select(found, level(kin))
        .select_from(joined.join(kin, given == kin.c.file_id))
        .where(_goes_on(kin, depth))
    )
    return _among(select(kin.c.file_id))


def used_for(place: Place, depth: int | None, raw: Collection[str]) -> Condition:
    """Give the condition of what a frame was made from, by the IFUs that were read.

    Most of it is raw (one of these classes), and nothing is looked for beyond that.
    """
    file_id, _ = place
    joined, given, wanted, used, tag = _step_up()
    level = _level(depth)
    found = (wanted.label("file_id"), used.label("ifu"), tag.label("tag"))
    first = select(*found, level(None)).select_from(joined).where(given == file_id)
    kin = first.cte(recursive=True)
    kin = kin.union(
        select(*found, level(kin))
        .select_from(joined.join(kin, given == kin.c.file_id))
        .where(_goes_on(kin, depth), kin.c.tag.not_in(sorted(raw)))
    )
    files = select(kin.c.file_id)
    of_ifus = select(kin.c.file_id, kin.c.ifu).where(kin.c.ifu.is_not(None))
    return and_(
        _among(files),
        or_(
            _FRAME.ifu.is_(None),
            tuple_(_FRAME.file_id, _FRAME.ifu).in_(of_ifus),
            _FRAME.file_id.in_(files.where(kin.c.ifu.is_(None))),
        ),
    )


def _among(files: Select[Any]) -> Condition:
    """Give the condition of frames of some files.

    As an array they are looked up in the index of frames; of a subquery PostgreSQL
    thinks that it is large, and reads all frames.
    """
    return _FRAME.file_id == any_(func.array(files.scalar_subquery()))


_Column = ColumnElement[Any]
_StepDown = tuple[Any, _Column, _Column, _Column]
"""Tables joined; the file given, the file wanted, and the IFU that was read."""
_StepUp = tuple[Any, _Column, _Column, _Column, _Column]
"""The same, and the class of what was read."""


def _step_down() -> _StepDown:
    """Join inputs with what was made of them.

    A run elsewhere is no task of any file: its ``task_id`` is the product itself. All
    that a header tells of is one generation: what was made on the way is no object.
    """
    made, read = FileRow.__table__.alias(), LineageRow.__table__.alias()
    here = and_(read.c.task_id == made.c.task_id, read.c.attempt == made.c.attempt)
    product = func.coalesce(made.c.file_id, read.c.task_id)
    return read.outerjoin(made, here), read.c.file_id, product, read.c.ifu


def _step_up() -> _StepUp:
    """Join files with what they were made from; see `_step_down`."""
    made, read = FileRow.__table__.alias(), LineageRow.__table__.alias()
    run = func.coalesce(made.c.task_id, made.c.file_id)
    same_attempt = or_(made.c.attempt.is_(None), read.c.attempt == made.c.attempt)
    joined = read.join(made, and_(read.c.task_id == run, same_attempt))
    return joined, made.c.file_id, read.c.file_id, read.c.ifu, read.c.tag


def _level(depth: int | None) -> Callable[[Any], ColumnElement[Any]]:
    """Give the column that counts generations; a constant where nobody counts."""

    def of(kin: Any) -> ColumnElement[Any]:
        if depth is None:
            return literal(0).label("level")
        return (literal(1) if kin is None else kin.c.level + 1).label("level")

    return of


def _goes_on(kin: Any, depth: int | None) -> Condition:
    return true() if depth is None else kin.c.level < depth
