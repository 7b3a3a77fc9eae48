"""Turn a planned graph into tasks: reuse what exists, add what does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from muse_scheduler.models import (
    FINAL_STATES,
    PlannedGraph,
    PlannedTask,
    TaskState,
)
from muse_scheduler.service.context import Context
from muse_scheduler.service.inputs import USABLE
from muse_scheduler.service.release import dispatch, settle, unblock_below
from muse_scheduler.store import (
    JobStore,
    KeptJob,
    KeptProduct,
    KeptTask,
    ProductStore,
    TaskStore,
)
from musecore.db import Transaction
from musecore.errors import Conflict
from musecore.times import uuid7

POOL = "default"


class ProductMarkedBad(Conflict):
    """A product that the plan would use again was marked bad by a person."""

    code = "product_marked_bad"


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


async def look_up(
    tx: Transaction,
    graph: PlannedGraph,
    project: str,
    projects: Collection[str] | None,
) -> Existing:
    """Find what a graph has in common with what was asked before.

    A task of the own project wins; of another visible project only a finished one
    counts.
    """
    found = await TaskStore(tx).by_keys([t.key for t in graph.tasks], projects)
    tasks: dict[str, KeptTask] = {}
    for task in found:
        own = task.project == project
        if own or (task.state is TaskState.DONE and task.key not in tasks):
            tasks[task.key] = task
    products = await ProductStore(tx).current({t.source_id for t in tasks.values()})
    return Existing(tasks, products, _to_run(graph, tasks, products))


def _to_run(
    graph: PlannedGraph,
    tasks: Mapping[str, KeptTask],
    products: Mapping[tuple[UUID, str, int], KeptProduct],
) -> tuple[str, ...]:
    """Walk back from the targets to what exists; give what lies on the way."""
    planned = {task.key: task for task in graph.tasks}
    wanted: dict[str, set[str]] = {}
    for target in graph.targets:
        wanted.setdefault(target.key, set()).add(target.tag)
    run: set[str] = set()
    for task in reversed(graph.tasks):
        tags = wanted.get(task.key)
        if tags is None or _stands(tasks.get(task.key), tags, products):
            continue
        run.add(task.key)
        for entry in planned[task.key].inputs:
            if entry.from_key:
                tag = entry.from_tag or entry.tag
                wanted.setdefault(entry.from_key, set()).add(tag)
    return tuple(task.key for task in graph.tasks if task.key in run)


def _stands(
    task: KeptTask | None,
    tags: Collection[str],
    products: Mapping[tuple[UUID, str, int], KeptProduct],
) -> bool:
    """Whether a task is finished and its wanted products have their bytes."""
    if task is None or task.state is not TaskState.DONE:
        return False
    source = task.source_id
    states = {
        product.state
        for (owner, tag, _), product in products.items()
        if owner == source and tag in tags
    }
    return "EVICTED" not in states and bool(states & (USABLE | {"BAD"}))


async def put_in_place(
    context: Context,
    tx: Transaction,
    job: KeptJob,
    graph: PlannedGraph,
    *,
    keep: Collection[UUID] = (),
) -> None:
    """Insert the tasks of a job, let them wait for each other, start what can start.

    Parameters
    ----------
    keep
        Tasks that the job goes on showing though the graph has none of them.

    Raises
    ------
    ProductMarkedBad
        A finished task that the graph needs has a product marked bad.
    """
    existing = await look_up(tx, graph, job.project, job.projects)
    _refuse_bad(existing)
    store = TaskStore(tx)
    planned = {task.key: task for task in graph.tasks}
    critical = _critical_paths(graph)
    await store.add(
        [
            _row(context, job, planned[key], critical[key])
            for key in existing.to_run
            if key not in existing.tasks
        ],
        who=job.owner,
    )
    keys = set(existing.to_run) | set(existing.tasks)
    tasks = await _own_or_done(store, keys, job.project, job.projects)
    await _connect(store, existing.to_run, planned, tasks)
    await _start(context, tx, job, [tasks[key] for key in existing.to_run])
    await _want(tx, job, graph, existing, tasks, keep)
    await dispatch(context, tx)


def _refuse_bad(existing: Existing) -> None:
    bad = existing.bad()
    if bad:
        raise ProductMarkedBad(
            f"{bad[0].filename} ({bad[0].tag}) was marked bad: {bad[0].reason}.",
            hint="Mark the raw frames it is made of as bad too, change a parameter of "
            "its recipe, or take the mark back.",
        )


async def _own_or_done(
    store: TaskStore, keys: Collection[str], project: str, projects: Any
) -> dict[str, KeptTask]:
    found = await store.by_keys(keys, projects)
    tasks = {t.key: t for t in found if t.state is TaskState.DONE}
    return tasks | {t.key: t for t in found if t.project == project}


def _row(
    context: Context, job: KeptJob, task: PlannedTask, critical_s: float
) -> dict[str, Any]:
    return {
        "task_id": uuid7(),
        "key": task.key,
        "project": job.project,
        "owner": job.owner,
        "recipe": task.recipe,
        "ifu": task.ifu,
        "group_label": task.group,
        "pool": POOL,
        "priority": 0,
        "critical_s": critical_s,
        "threads": task.threads,
        "memory_mb": task.memory_mb,
        "timeout_s": task.timeout_s,
        "est_s": task.est_s,
        "planned": task,
        "outputs": list(task.outputs),
        "caveats": list(task.caveats),
        "versions": _versions(context),
        "reason": f"planned for job {job.job_id}",
    }


def _versions(context: Context) -> dict[str, str]:
    known = context.versions.model_dump(exclude={"extra"}) | context.versions.extra
    return {name: text for name, text in known.items() if text}


def _critical_paths(graph: PlannedGraph) -> dict[str, float]:
    """Seconds from the start of each task to the end of the last that needs it."""
    below: dict[str, float] = {}
    for task in reversed(graph.tasks):
        total = task.est_s + below.get(task.key, 0.0)
        below[task.key] = total
        for parent in task.parents:
            below[parent] = max(below.get(parent, 0.0), total)
    return below


async def _connect(
    store: TaskStore,
    to_run: Sequence[str],
    planned: Mapping[str, PlannedTask],
    tasks: Mapping[str, KeptTask],
) -> None:
    pairs = {
        (tasks[parent].task_id, tasks[key].task_id)
        for key in to_run
        for parent in planned[key].parents
    }
    await store.add_deps(sorted(pairs))
    for key in to_run:
        if set(planned[key].outputs) - set(tasks[key].outputs):
            await store.add_outputs(tasks[key].task_id, planned[key].outputs)


async def _start(
    context: Context, tx: Transaction, job: KeptJob, tasks: Sequence[KeptTask]
) -> None:
    """Settle new tasks, and run again what failed, was cancelled or was dropped."""
    again = [t.task_id for t in tasks if t.state in FINAL_STATES]
    new = [t.task_id for t in tasks if t.state is TaskState.PLANNED]
    store = TaskStore(tx)
    await store.renew(again)
    for task in tasks:
        if task.state is TaskState.DONE:
            await store.hold_children(task.task_id)
    why = f"wanted by job {job.job_id}"
    await settle(context, tx, [*again, *new], who=job.owner, why=why)
    await unblock_below(tx, again)


async def _want(
    tx: Transaction,
    job: KeptJob,
    graph: PlannedGraph,
    existing: Existing,
    tasks: Mapping[str, KeptTask],
    keep: Collection[UUID],
) -> None:
    targets: dict[str, list[str]] = {}
    for target in graph.targets:
        targets.setdefault(target.key, []).append(target.tag)
    wants: dict[UUID, Sequence[str]] = dict.fromkeys(keep, ())
    wants |= {task.task_id: targets.get(key, ()) for key, task in tasks.items()}
    run = set(existing.to_run)
    reused = {task.task_id for key, task in tasks.items() if key not in run}
    await JobStore(tx).set_wants(job.job_id, wants, reused)
