"""How products were made: runs, inputs, QC values. SQL."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from muse_catalog.models import InputRow, TaskRun
from muse_catalog.store.many import one_of
from muse_catalog.tables import LineageRow, QcValueRow, TaskRunRow
from musecore.db import Transaction, quick
from musecore.fits import QcValue
from musecore.messages import InputUsed

__all__ = ["MakingStore", "QcStored", "RunId"]

RunId = tuple[UUID, int]
"""Task and attempt."""

QcStored = tuple[str, int | None, float | None, str | None, str | None]
"""Name, IFU, value, text, unit."""

_RUN = TaskRunRow.__table__.c
_LINEAGE = LineageRow.__table__.c
_QC = QcValueRow.__table__.c


class MakingStore:
    """Runs of recipes and what they tell, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_run(self, run: TaskRun) -> bool:
        """Add a run; False when this attempt is known."""
        done = await self._tx.session.execute(
            insert(TaskRunRow)
            .values(run.model_dump())
            .on_conflict_do_nothing()
            .returning(TaskRunRow.task_id)
        )
        return done.scalar() is not None

    async def add_inputs(
        self, task_id: UUID, attempt: int, inputs: Sequence[InputUsed]
    ) -> None:
        """Add the inputs of a run, in their order."""
        columns = (
            "task_id",
            "attempt",
            "ordinal",
            "tag",
            "file_id",
            "ifu",
            "filename",
            "sha256",
            "content_key",
        )
        rows = [
            (
                task_id,
                attempt,
                n,
                one.tag,
                one.file_id,
                one.ifu,
                one.filename,
                one.sha256,
                one.content_key,
            )
            for n, one in enumerate(inputs)
        ]
        if rows:
            await self._tx.copy("lineage", columns, rows)

    async def add_qc(self, frame_id: UUID, values: Sequence[QcValue]) -> None:
        """Add the QC values of a product, in the order of its header."""
        await self.add_qc_of([(frame_id, values)])

    async def add_qc_of(self, many: Iterable[tuple[UUID, Sequence[QcValue]]]) -> None:
        """Add the QC values of many products; see `add_qc`."""
        columns = ("frame_id", "ordinal", "name", "ifu", "value", "text", "unit")
        rows = [
            (frame_id, n, _text(one.name), one.ifu, *_stored(one), _text(one.unit))
            for frame_id, values in ((quick(key), values) for key, values in many)
            for n, one in enumerate(values)
        ]
        if rows:
            await self._tx.copy("qc", columns, rows)

    async def runs(self, run_ids: Sequence[RunId]) -> dict[RunId, TaskRun]:
        """Give runs by task and attempt."""
        columns = [_RUN[name] for name in TaskRun.model_fields]
        found = await self._tx.session.execute(
            select(*columns).where(one_of(_RUN.task_id, _tasks(run_ids)))
        )
        wanted = set(run_ids)
        runs = [TaskRun.model_validate(dict(row._mapping)) for row in found]
        by_id = {(run.task_id, run.attempt): run for run in runs}
        return {run_id: run for run_id, run in by_id.items() if run_id in wanted}

    async def inputs(self, run_ids: Sequence[RunId]) -> dict[RunId, list[InputRow]]:
        """Give the inputs of runs, in their order."""
        columns = [_LINEAGE[name] for name in InputRow.model_fields]
        found = await self._tx.session.execute(
            select(*columns)
            .where(one_of(_LINEAGE.task_id, _tasks(run_ids)))
            .order_by(_LINEAGE.ordinal)
        )
        inputs: dict[RunId, list[InputRow]] = {run_id: [] for run_id in run_ids}
        for row in found:
            one = InputRow.model_validate(dict(row._mapping))
            inputs.get((one.task_id, one.attempt), []).append(one)
        return inputs

    async def qc(self, frame_id: UUID) -> list[QcStored]:
        """Give the QC values of a product, in the order of its header."""
        query = select(_QC.name, _QC.ifu, _QC.value, _QC.text, _QC.unit)
        found = await self._tx.session.execute(
            query.where(_QC.frame_id == frame_id).order_by(_QC.ordinal)
        )
        return [(row.name, row.ifu, row.value, row.text, row.unit) for row in found]

    async def uses(self, file_ids: Sequence[UUID]) -> list[InputRow]:
        """Give where files went in: the rows of the runs that used them."""
        columns = [_LINEAGE[name] for name in InputRow.model_fields]
        found = await self._tx.session.execute(
            select(*columns)
            .where(one_of(_LINEAGE.file_id, file_ids))
            .order_by(_LINEAGE.task_id, _LINEAGE.attempt, _LINEAGE.ordinal)
        )
        return [InputRow.model_validate(dict(row._mapping)) for row in found]


def _tasks(run_ids: Sequence[RunId]) -> set[UUID]:
    return {task_id for task_id, _ in run_ids}


def _stored(one: QcValue) -> tuple[float | None, str | None]:
    """Give a value as number or as text."""
    match one.value:
        case float():
            return one.value, None
        case bool():
            return float(one.value), None
        case int():
            return float(str(one.value)), None  # too large a number is infinite
        case _:
            return None, _text(one.value)


def _text(value: object) -> str | None:
    """Give a text that PostgreSQL can hold: without NUL."""
    return None if value in (None, "") else str(value).replace("\x00", "")
