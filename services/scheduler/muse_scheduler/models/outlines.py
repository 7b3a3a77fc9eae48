"""Plans as they are kept: what the IFUs of a unit share is written once.

A unit is one recipe on one group of frames. Its tasks, one for each IFU or one for the
whole field, differ in their IFU, in the IFU of what they read, and so in their keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from muse_scheduler.models.frames import Key, Model
from muse_scheduler.models.plans import (
    Choice,
    FanIn,
    Missing,
    PlannedGraph,
    PlannedInput,
    PlannedTask,
    Target,
)

NIFU = "nifu"
"""Recipe parameter that names the IFU; the only one that differs inside a unit."""


class UnitInput(Model):
    """Lines of the sets of frames of a unit's tasks, as `PlannedInput`.

    ``own``: the input's IFU is that of the task. ``ifus``: one line for each of these
    IFUs of the parent, in this order.
    """

    tag: str
    ordinal: int = 1
    own: bool = False
    ifus: tuple[int, ...] = ()
    file_id: UUID | None = None
    unit_id: UUID | None = None  # the parent
    from_tag: str | None = None


_CHOICES = TypeAdapter(tuple[Choice, ...])


@dataclass(frozen=True)
class Reads:
    """What the tasks of a unit read of their parents.

    ``lines`` are the parents' keys by IFU, the IFUs that are read (None: the task's
    own), and the product's tag.
    """

    lines: Sequence[tuple[Mapping[int | None, str], tuple[int | None, ...] | None, str]]

    def parents(self, ifu: int | None) -> dict[str, None]:
        """Give the keys of the tasks that a task waits for, each once, in order."""
        return dict.fromkeys(
            [
                keys[one]
                for keys, ifus, _ in self.lines
                for one in ((ifu,) if ifus is None else ifus)
            ]
        )

    def products(self, ifu: int | None) -> list[tuple[str, str]]:
        """Give (key of the parent, product tag) of all that a task reads."""
        return [
            (keys[one], tag)
            for keys, ifus, tag in self.lines
            for one in ((ifu,) if ifus is None else ifus)
        ]


class PlannedUnit(Model):
    """What the tasks of one recipe on one group of frames share; and their keys.

    ``unit_id`` is a hash of all the rest. ``ifus`` holds None for the whole field;
    ``keys`` are the planned keys of the tasks, in the order of ``ifus``.
    """

    unit_id: UUID
    recipe: str
    group: str
    takes_nifu: bool
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    inputs: tuple[UnitInput, ...]
    outputs: tuple[str, ...]
    threads: int
    est_s: float
    memory_mb: int
    timeout_s: int
    caveats: tuple[str, ...] = ()
    fan_in: FanIn = FanIn()
    ifus: tuple[int | None, ...]
    keys: tuple[Key, ...]
    choices: tuple[Choice, ...] = ()

    @cached_property
    def key_of(self) -> dict[int | None, str]:
        """Planned keys by IFU."""
        return dict(zip(self.ifus, self.keys, strict=True))

    def parameters_of(self, ifu: int | None) -> dict[str, Any]:
        """Give the effective parameters of a task."""
        if self.takes_nifu and ifu is not None:
            return self.parameters | {NIFU: ifu}
        return self.parameters

    @property
    def parent_ids(self) -> set[UUID]:
        """Units that it reads products of."""
        return {entry.unit_id for entry in self.inputs if entry.unit_id}

    def parents(
        self, ifu: int | None, units: Mapping[UUID, PlannedUnit]
    ) -> dict[str, None]:
        """Give the keys of the tasks that a task waits for, each once, in order."""
        return self.reads(units).parents(ifu)

    def reads(self, units: Mapping[UUID, PlannedUnit]) -> Reads:
        """Give what its tasks read of their parents, found once for all of them."""
        return Reads(
            [
                (
                    units[entry.unit_id].key_of,
                    None if entry.own else entry.ifus or (None,),
                    entry.from_tag or entry.tag,
                )
                for entry in self.inputs
                if entry.unit_id is not None
            ]
        )

    @cached_property
    def written(self) -> tuple[str, str]:
        """Body and choices as JSON, as they are kept; without the id."""
        body = self.model_dump_json(
            exclude={"unit_id", "choices"}, exclude_defaults=True
        )
        return body, _CHOICES.dump_json(self.choices).decode()

    def changed(self, **fields: Any) -> PlannedUnit:
        """Give a unit with other fields, checked anew; its id is still the old one."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return PlannedUnit(**known | fields)

    def inputs_of(
        self, ifu: int | None, units: Mapping[UUID, PlannedUnit]
    ) -> tuple[PlannedInput, ...]:
        """Give the set of frames of a task.

        Parameters
        ----------
        ifu
            Of the task; None for the field.
        units
            At least the units of `parent_ids`.
        """
        return tuple(
            PlannedInput(
                tag=entry.tag,
                ordinal=entry.ordinal,
                ifu=one,
                file_id=entry.file_id,
                from_key=units[entry.unit_id].key_of[one] if entry.unit_id else None,
                from_tag=entry.from_tag,
            )
            for entry in self.inputs
            for one in _ifus_of(entry, ifu)
        )

    def task(self, ifu: int | None, units: Mapping[UUID, PlannedUnit]) -> PlannedTask:
        """Give a task as if it had been planned alone."""
        return PlannedTask(
            key=self.key_of[ifu],
            recipe=self.recipe,
            ifu=ifu,
            group=self.group,
            parameters=self.parameters_of(ifu),
            set_parameters=self.set_parameters,
            inputs=self.inputs_of(ifu, units),
            outputs=self.outputs,
            threads=self.threads,
            est_s=self.est_s,
            memory_mb=self.memory_mb,
            timeout_s=self.timeout_s,
            caveats=self.caveats,
            fan_in=self.fan_in,
            choices=self.choices,
        )


def _ifus_of(entry: UnitInput, ifu: int | None) -> tuple[int | None, ...]:
    return (ifu,) if entry.own else entry.ifus or (None,)


class Outline(Model):
    """A whole plan, before anything runs: units in topological order."""

    units: tuple[PlannedUnit, ...]
    targets: tuple[Target, ...]
    choices: tuple[Choice, ...]
    warnings: tuple[str, ...]
    missing: tuple[Missing, ...]
    runnable: bool
    not_runnable_because: tuple[str, ...]

    @cached_property
    def by_id(self) -> dict[UUID, PlannedUnit]:
        """Units by id."""
        return {unit.unit_id: unit for unit in self.units}

    @property
    def count(self) -> int:
        """Number of tasks."""
        return sum(len(unit.keys) for unit in self.units)

    def tasks(self) -> Iterator[tuple[PlannedUnit, int | None, str]]:
        """Give unit, IFU and key of every task; parents come before children."""
        for unit in self.units:
            for ifu, key in zip(unit.ifus, unit.keys, strict=True):
                yield unit, ifu, key

    @property
    def keys(self) -> list[str]:
        """Planned keys of all tasks."""
        return [key for unit in self.units for key in unit.keys]

    def graph(self) -> PlannedGraph:
        """Write the plan out, task by task."""
        return PlannedGraph(
            tasks=tuple(unit.task(ifu, self.by_id) for unit, ifu, _ in self.tasks()),
            targets=self.targets,
            choices=self.choices,
            warnings=self.warnings,
            missing=self.missing,
            runnable=self.runnable,
            not_runnable_because=self.not_runnable_because,
        )
