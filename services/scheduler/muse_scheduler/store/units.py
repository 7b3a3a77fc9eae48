"""Units: what the tasks of one recipe on one group of frames share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from muse_scheduler.models import Choice, PlannedTask, PlannedUnit, Task
from muse_scheduler.store.kept import KeptTask
from musecore.db import Transaction
from musecore.times import utcnow

_GIVEN = ("ids", "recipes", "groups", "bodies", "choices")
_ADD = """
INSERT INTO unit (unit_id, recipe, group_label, body, choices, created)
SELECT id, recipe, label, CAST(body AS json), CAST(choices AS json), :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:recipes AS text[]), CAST(:groups AS text[]),
    CAST(:bodies AS text[]), CAST(:choices AS text[]))
    AS new(id, recipe, label, body, choices)
ON CONFLICT DO NOTHING
"""


class _Recent:
    """The units read last; a unit never changes, and its id says what is in it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._units: OrderedDict[UUID, PlannedUnit] = OrderedDict()

    def get(self, ids: Iterable[UUID]) -> dict[UUID, PlannedUnit]:
        found = {one: self._units[one] for one in ids if one in self._units}
        for one in found:
            self._units.move_to_end(one)
        return found

    def put(self, units: Iterable[PlannedUnit]) -> None:
        for unit in units:
            self._units[unit.unit_id] = unit
        while len(self._units) > self._size:
            self._units.popitem(last=False)


_recent = _Recent(500)


class UnitStore:
    """Rows of ``unit``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, units: Collection[PlannedUnit]) -> None:
        """Keep units; those that are known, or come to be meanwhile, stay as they are.

        They go in by the order of their ids, so that two who keep some of the same
        wait for each other, and not both for ever.
        """
        found = await self._tx.execute(
            "SELECT unit_id FROM unit WHERE unit_id = ANY(:ids)",
            {"ids": [unit.unit_id for unit in units]},
        )
        known = {row[0] for row in found}
        new = {one.unit_id: one for one in units if one.unit_id not in known}
        if new:
            rows = [
                (key, one.recipe, one.group, *one.written) for key, one in new.items()
            ]
            columns = zip(*sorted(rows), strict=True)
            values = dict(zip(_GIVEN, map(list, columns), strict=True))
            await self._tx.execute(_ADD, values | {"now": utcnow()})

    async def units(self, ids: Collection[UUID]) -> dict[UUID, PlannedUnit]:
        """Give units by id, without their choices."""
        units = _recent.get(ids)
        missing = [one for one in ids if one not in units]
        if missing:
            found = await self._tx.execute(
                "SELECT unit_id, body FROM unit WHERE unit_id = ANY(:ids)",
                {"ids": missing},
            )
            read = [PlannedUnit(unit_id=row[0], **row[1]) for row in found]
            _recent.put(read)
            units |= {unit.unit_id: unit for unit in read}
        return units

    async def choices(self, ids: Collection[UUID]) -> dict[UUID, tuple[Choice, ...]]:
        """Give the choices of units, with the reasons."""
        found = await self._tx.execute(
            "SELECT unit_id, choices FROM unit WHERE unit_id = ANY(:ids)",
            {"ids": list(ids)},
        )
        return {row[0]: tuple(Choice(**one) for one in row[1]) for row in found}

    async def planned(
        self, tasks: Sequence[KeptTask], *, choices: bool = False
    ) -> dict[UUID, PlannedTask]:
        """Give what tasks run: parameters, inputs, and choices if asked."""
        ids = {task.unit_id for task in tasks if task.unit_id}
        units = await self.units(ids)
        above = {one for unit in units.values() for one in unit.parent_ids}
        units |= await self.units(above - units.keys())
        chosen = await self.choices(ids) if choices else {}
        planned: dict[UUID, PlannedTask] = {}
        for task in tasks:
            if task.planned is not None:
                planned[task.task_id] = task.planned
                continue
            assert task.unit_id is not None
            one = units[task.unit_id].task(task.ifu, units)
            why = chosen.get(task.unit_id, ())
            planned[task.task_id] = one.model_copy(update={"choices": why})
        return planned

    async def shown(self, tasks: Sequence[KeptTask]) -> list[Task]:
        """Give tasks as the API shows them."""
        units = await self.units({task.unit_id for task in tasks if task.unit_id})
        return [_shown(task, units) for task in tasks]


def _shown(task: KeptTask, units: dict[UUID, PlannedUnit]) -> Task:
    if task.planned is not None:
        return task.shown(task.planned.parameters, task.planned.set_parameters)
    assert task.unit_id is not None
    unit = units[task.unit_id]
    return task.shown(unit.parameters_of(task.ifu), unit.set_parameters)
