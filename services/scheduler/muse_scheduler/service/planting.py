"""Insert the tasks of a plan, whole units at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from muse_scheduler.models import Outline, PlannedUnit, TaskState
from muse_scheduler.service.context import Context
from muse_scheduler.store import (
    KeptJob,
    KeptProduct,
    KeptTask,
    TaskStore,
)
from musecore.db import Transaction, quick
from musecore.times import uuid7


@dataclass(frozen=True)
class Existing:
    """What there is of a graph already.

    Attributes
    ----------
    tasks
        Known tasks by planned key.
    products
        Their newest products by (task, tag, ordinal).
    to_run
        Keys that must run, in topological order.
    """

    tasks: Mapping[str, KeptTask]
    products: Mapping[tuple[UUID, str, int], KeptProduct]
    to_run: tuple[str, ...]

    @cached_property
    def running(self) -> frozenset[str]:
        """Keys that must run."""
        return frozenset(self.to_run)

    def bad(self) -> list[KeptProduct]:
        """Give products of finished tasks that people call bad."""
        sources = {
            t.source_id for t in self.tasks.values() if t.state is TaskState.DONE
        }
        return [
            product
            for product in self.products.values()
            if product.task_id in sources and product.state == "BAD"
        ]


class Planting:
    """The tasks of one plan on their way into the database.

    Whoever lets it insert and connect has its turn (`graph_change`), so that nobody
    else inserts tasks, and has seen that it `fits` what there is then.

    Attributes
    ----------
    born
        Ids of the tasks that were inserted.
    """

    def __init__(
        self, context: Context, job: KeptJob, outline: Outline, existing: Existing
    ) -> None:
        self._context = context
        self._job = job
        self._outline = outline
        self._existing = existing
        self._run = existing.running
        self._ids = {key: task.task_id for key, task in existing.tasks.items()}
        self._new: list[tuple[UUID, UUID]] = []
        self._old: list[tuple[UUID, UUID]] = []
        self._outputs: dict[UUID, tuple[str, ...]] = {}
        self.born: list[UUID] = []

    def fits(self, existing: Existing) -> bool:
        """Whether what there is of the graph is still what it was made for."""
        return self._existing == existing

    def prepare(self) -> Planting:
        """Write the rows, for which no turn is needed; gives itself."""
        assert self._prepared is not None
        return self

    async def insert(self, tx: Transaction) -> list[UUID]:
        """Insert what must run and is not there; give the ids of those that may start.

        The others are WAITING from the beginning. The units are kept already
        (`JobStore.put_graph`).
        """
        rows = self._prepared
        await TaskStore(tx).add(rows, who=self._job.owner)
        return [row["task_id"] for row in rows if not row["n_wait"]]

    async def connect(self, tx: Transaction) -> None:
        """Let tasks wait for their parents, and make what they need."""
        store = TaskStore(tx)
        await store.add_new_deps(self._new)
        await store.add_deps(self._old)
        for task_id, tags in self._outputs.items():
            await store.add_outputs(task_id, tags)

    def known_to_run(self) -> list[KeptTask]:
        """Give the tasks that must run and were there before."""
        tasks = self._existing.tasks
        return [tasks[key] for key in self._existing.to_run if key in tasks]

    def wants(self, keep: Collection[UUID]) -> dict[UUID, Sequence[str]]:
        """Give the job's tasks with the products that it wants of them."""
        targets: dict[str, list[str]] = {}
        for target in self._outline.targets:
            targets.setdefault(target.key, []).append(target.tag)
        wants: dict[UUID, Sequence[str]] = dict.fromkeys(keep, ())
        return wants | {task: targets.get(key, ()) for key, task in self._ids.items()}

    def reused(self) -> set[UUID]:
        """Give the ids of the job's tasks of which nothing has to be done."""
        return {task for key, task in self._ids.items() if key not in self._run}

    # -- rows

    @cached_property
    def _prepared(self) -> list[dict[str, Any]]:
        done = {
            key
            for key, task in self._existing.tasks.items()
            if task.state is TaskState.DONE
        }
        rows: list[dict[str, Any]] = []
        for unit in self._outline.units:
            rows += self._rows(unit, done)
        self.born += [row["task_id"] for row in rows]
        return rows

    def _rows(self, unit: PlannedUnit, done: Collection[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        reads, shared = unit.reads(self._outline.by_id), self._shared(unit)
        for ifu, key in zip(unit.ifus, unit.keys, strict=True):
            if key not in self._run:
                continue
            parents = reads.parents(ifu)
            above = [self._ids[parent] for parent in parents]
            known = self._existing.tasks.get(key)
            if known is not None:
                self._old += [(parent, known.task_id) for parent in above]
                if set(unit.outputs) - set(known.outputs):
                    self._outputs[known.task_id] = unit.outputs
                continue
            task_id = self._ids[key] = quick(uuid7())
            self._new += [(parent, task_id) for parent in above]
            waits = sum(parent not in done for parent in parents)
            state = TaskState.WAITING if waits else TaskState.PLANNED
            own = {"task_id": task_id, "key": key, "ifu": ifu}
            own |= {"n_wait": waits, "state": state.value}
            rows.append(shared | own)
        return rows

    def _shared(self, unit: PlannedUnit) -> dict[str, Any]:
        return self._of_job | {
            "recipe": unit.recipe,
            "group_label": unit.group,
            "critical_s": self._critical[unit.unit_id],
            "threads": unit.threads,
            "memory_mb": unit.memory_mb,
            "pool": self._context.pools.fitting(unit.memory_mb).name,
            "timeout_s": unit.timeout_s,
            "est_s": unit.est_s,
            "unit_id": unit.unit_id,
            "outputs": unit.outputs,
            "caveats": unit.caveats,
        }

    @cached_property
    def _of_job(self) -> dict[str, Any]:
        known = self._context.versions.model_dump(exclude={"extra"})
        known |= self._context.versions.extra
        return {
            "project": self._job.project,
            "owner": self._job.owner,
            "priority": self._job.priority,
            "versions": {name: text for name, text in known.items() if text},
            "reason": f"planned for job {self._job.job_id}",
        }

    @cached_property
    def _critical(self) -> Mapping[UUID, float]:
        """Seconds from the start of a unit to the end of the last that needs it."""
        below: dict[UUID, float] = {}
        for unit in reversed(self._outline.units):
            total = below[unit.unit_id] = unit.est_s + below.get(unit.unit_id, 0.0)
            for parent in unit.parent_ids:
                below[parent] = max(below.get(parent, 0.0), total)
        return below
