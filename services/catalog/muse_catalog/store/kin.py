"""What lineage shows of frames, without their keywords. SQL."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from muse_catalog.models import Access, LineageFrame
from muse_catalog.store.frames import visible
from muse_catalog.store.making import RunId
from muse_catalog.store.many import one_of
from muse_catalog.store.said import FLAGS, VALIDITY
from muse_catalog.tables import FileRow, FrameRow
from musecore.db import Transaction

__all__ = ["KinStore", "Relative"]

_FILE = FileRow.__table__.c
_FRAME = FrameRow.__table__.c
_JOINED = FrameRow.__table__.join(FileRow.__table__, _FRAME.file_id == _FILE.file_id)
_SAID: dict[str, ColumnElement[Any]] = {
    "is_valid": func.coalesce(VALIDITY, "unknown").label("is_valid"),
    "quality_flags": FLAGS.label("quality_flags"),
    "file_id": _FILE.file_id,
}
_COLUMNS = [
    _SAID[name] if name in _SAID else (_FRAME if name in _FRAME else _FILE)[name]
    for name in LineageFrame.model_fields
    if name != "data_md5"  # only headers of products name it
]

Relative = tuple[LineageFrame, RunId | None]
"""A frame, and the run that made it."""


class KinStore:
    """Frames as lineage shows them, in one transaction."""

    def __init__(self, tx: Transaction, access: Access) -> None:
        self._tx = tx
        self._access = access

    async def of_files(self, file_ids: Iterable[UUID]) -> list[Relative]:
        """Give the frames of files."""
        return await self._those(one_of(_FILE.file_id, file_ids))

    async def made_by(self, runs: Iterable[RunId]) -> list[Relative]:
        """Give the products of runs."""
        wanted = set(runs)
        tasks = {task_id for task_id, _ in wanted}
        elsewhere = and_(_FILE.task_id.is_(None), one_of(_FILE.file_id, tasks))
        found = await self._those(or_(one_of(_FILE.task_id, tasks), elsewhere))
        return [one for one in found if one[1] in wanted or one[0].file_id in tasks]

    async def runs_of(self, file_ids: Iterable[UUID]) -> dict[UUID, RunId]:
        """Give the runs that made files, also of files that one may not see."""
        found = await self._tx.session.execute(
            select(_FILE.file_id, _FILE.task_id, _FILE.attempt, _FILE.recipe).where(
                one_of(_FILE.file_id, file_ids)
            )
        )
        runs = {row.file_id: _run_of(row._mapping) for row in found}
        return {file_id: run for file_id, run in runs.items() if run is not None}

    async def _those(self, condition: ColumnElement[bool]) -> list[Relative]:
        found = await self._tx.session.execute(
            select(*_COLUMNS, _FILE.task_id, _FILE.attempt)
            .select_from(_JOINED)
            .where(and_(condition, visible(self._access)))
            .order_by(_FRAME.frame_id)
        )
        return [_relative(row) for row in found]


def _relative(row: Any) -> Relative:
    values = dict(row._mapping)
    run_id = _run_of(values)
    del values["task_id"], values["attempt"]
    return LineageFrame.model_validate(values), run_id


def _run_of(values: Mapping[Any, Any]) -> RunId | None:
    """Give the run that made a file, here or as its header tells."""
    if values["task_id"] is not None:
        return values["task_id"], values["attempt"]
    return None if values["recipe"] is None else (values["file_id"], 1)
