"""Let tasks go: count what they wait for, reuse what exists, fill the window.

All functions work inside a transaction of the caller that has its turn
(`graph_change`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from muse_scheduler.models import TaskState
from muse_scheduler.service.context import Context
from muse_scheduler.service.dispatching import (
    SCHEDULER,
    announce,
    dispatch,
    memory_requests,
)
from muse_scheduler.service.inputs import USABLE, Inputs, find_inputs, realised
from muse_scheduler.store import (
    KeptTask,
    ProductStore,
    Readiness,
    TaskStore,
    WorkStore,
)
from musecore.db import Transaction
from musecore.times import utcnow

__all__ = [
    "SCHEDULER",
    "announce",
    "block_below",
    "dispatch",
    "graph_change",
    "make_ready",
    "rebuild",
    "release",
    "settle",
    "unblock_below",
]

_NOT_HELD = frozenset({TaskState.PLANNED, TaskState.READY, TaskState.QUEUED})
_OPEN = frozenset({TaskState.PLANNED, TaskState.WAITING})


@asynccontextmanager
async def graph_change(context: Context) -> AsyncIterator[Transaction]:
    """Open a transaction that may change many tasks; they follow each other."""
    async with context.database.begin() as tx:
        await WorkStore(tx).take_turns()
        yield tx


async def settle(
    context: Context,
    tx: Transaction,
    task_ids: Collection[UUID],
    *,
    who: str,
    why: str,
) -> None:
    """Bring tasks to where they belong: WAITING, READY, or DONE by reuse.

    They may come from any state but RUNNING, READY and QUEUED.
    """
    store = TaskStore(tx)
    known = await store.by_ids(task_ids, lock=True)
    closed = [i for i, task in known.items() if task.state not in _OPEN]
    await store.move(closed, TaskState.WAITING, who=who, why=why)
    counts = await store.count_waits(task_ids)
    waiting = [
        i for i, n in counts.items() if n > 0 and known[i].state is TaskState.PLANNED
    ]
    await store.move(waiting, TaskState.WAITING, who=who, why="waits for its inputs")
    await make_ready(context, tx, [i for i, n in counts.items() if n == 0])


async def make_ready(
    context: Context, tx: Transaction, task_ids: Collection[UUID]
) -> None:
    """Release tasks that wait for nothing, and what their reuse releases in turn."""
    if task_ids:
        tasks = await TaskStore(tx).by_ids(task_ids, lock=True)
        await release(context, tx, list(tasks.values()))


async def release(context: Context, tx: Transaction, tasks: Sequence[KeptTask]) -> None:
    """Do as `make_ready` with tasks as they are now, locked."""
    while tasks:
        tasks = await _release(context, tx, tasks)


async def _release(
    context: Context, tx: Transaction, tasks: Sequence[KeptTask]
) -> list[KeptTask]:
    """Release one generation; give the tasks that are to be looked at next."""
    if not tasks:
        return []
    found = await find_inputs(tx, tasks)
    held = await _hold_for_evicted(context, tx, tasks, found)
    broken = await _fail_unusable(tx, tasks, found)
    ready = [t for t in tasks if t.task_id not in held | broken]
    return await _reuse_or_ready(context, tx, ready, found)


async def _hold_for_evicted(
    context: Context,
    tx: Transaction,
    tasks: Sequence[KeptTask],
    found: dict[UUID, Inputs],
) -> set[UUID]:
    """Let tasks wait whose inputs were dropped, and have those made again."""
    evicted = {
        one.parent
        for inputs in found.values()
        for one in inputs
        if one.evicted and one.parent
    }
    if not evicted:
        return set()
    held = {i for i, inputs in found.items() if any(one.evicted for one in inputs)}
    new = [t.task_id for t in tasks if t.task_id in held and t.state in _NOT_HELD]
    await TaskStore(tx).move(
        new, TaskState.WAITING, who=SCHEDULER, why="an input is made again"
    )
    await rebuild(context, tx, evicted)
    return held


async def rebuild(
    context: Context, tx: Transaction, task_ids: Collection[UUID]
) -> None:
    """Run finished tasks again, whose bytes were dropped and are wanted."""
    store = TaskStore(tx)
    known = await store.by_ids(task_ids, lock=True)
    done = [i for i, task in known.items() if task.state is TaskState.DONE]
    if not done:
        return
    await store.renew(done)
    for task_id in done:
        await store.hold_children(task_id)
    await settle(
        context,
        tx,
        done,
        who=SCHEDULER,
        why="its products were dropped to make room and are needed again",
    )


async def _fail_unusable(
    tx: Transaction, tasks: Sequence[KeptTask], found: dict[UUID, Inputs]
) -> set[UUID]:
    """Fail tasks of which an input can never be used; give their ids."""
    store = TaskStore(tx)
    broken: set[UUID] = set()
    for task in tasks:
        whys = [one.unusable for one in found[task.task_id] if one.unusable]
        if not whys:
            continue
        ids = [task.task_id]
        broken.add(task.task_id)
        await store.move(ids, TaskState.READY, who=SCHEDULER, why="inputs looked at")
        await store.move(ids, TaskState.FAILED, who=SCHEDULER, why="; ".join(whys))
        await block_below(tx, ids)
    return broken


async def _reuse_or_ready(
    context: Context,
    tx: Transaction,
    tasks: Sequence[KeptTask],
    found: dict[UUID, Inputs],
) -> list[KeptTask]:
    """Early cut-off: what has been made of the same inputs is not made again."""
    store = TaskStore(tx)
    keys = {t.task_id: realised(context, t, found[t.task_id]) for t in tasks}
    made = await _made_before(tx, tasks, keys)
    plain = [t for t in tasks if t.task_id not in made]
    plans = {i: inputs.planned for i, inputs in found.items()}
    wanted = await memory_requests(context, tx, plain, plans)
    ready = [Readiness(i, keys[i], *request) for i, request in wanted.items()]
    await store.make_ready(ready, who=SCHEDULER, why="all inputs are there")
    await store.set_realised({task_id: keys[task_id] for task_id in made})
    released: list[KeptTask] = []
    for task_id, source in made.items():
        await store.move(
            [task_id],
            TaskState.DONE,
            who=SCHEDULER,
            why=f"reused: task {source} made it of inputs with the same content",
            made_by=source,
            ended=utcnow(),
        )
        released += await store.release_children([task_id])
    return released


async def _made_before(
    tx: Transaction, tasks: Sequence[KeptTask], keys: dict[UUID, str]
) -> dict[UUID, UUID]:
    """Give the tasks whose products exist under another task: id -> that task."""
    store = ProductStore(tx)
    cached = await store.cached([(t.project, keys[t.task_id]) for t in tasks])
    if not cached:
        return {}
    products = await store.current(set(cached.values()))
    made: dict[UUID, UUID] = {}
    for task in tasks:
        source = cached.get((task.project, keys[task.task_id]))
        if source is None or source == task.task_id:
            continue
        own = {
            tag: product.state
            for (owner, tag, _), product in products.items()
            if owner == source
        }
        if own and USABLE >= set(own.values()) and set(task.outputs) <= set(own):
            made[task.task_id] = source
    return made


async def block_below(tx: Transaction, task_ids: Collection[UUID]) -> None:
    """Block everything that needs a failed task."""
    store = TaskStore(tx)
    below = await store.descendants(task_ids, [TaskState.PLANNED, TaskState.WAITING])
    failed = await store.by_ids(task_ids)
    names = ", ".join(task.spoken for task in failed.values())
    await store.move(
        below, TaskState.BLOCKED, who=SCHEDULER, why=f"needs {names}, which failed"
    )


async def unblock_below(tx: Transaction, task_ids: Collection[UUID]) -> None:
    """Let wait again what no failed ancestor blocks any more."""
    store = TaskStore(tx)
    below = await store.descendants(task_ids, [TaskState.BLOCKED])
    still = await store.still_blocked(below)
    free = [task_id for task_id in below if task_id not in still]
    await store.move(
        free, TaskState.WAITING, who=SCHEDULER, why="what it needs is tried again"
    )
