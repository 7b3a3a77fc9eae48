"""Hand out ready tasks: how many, whose, and to which worker first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from muse_scheduler.models import PlannedTask, WorkerState
from muse_scheduler.service.context import Context
from muse_scheduler.store import (
    JobStore,
    KeptTask,
    KeptWorker,
    Offer,
    WindowStore,
    WorkerRegistry,
)
from musecore.db import Transaction
from musecore.messages import TaskRequested
from musecore.muse.pools import Pool, inputs_bucket, mode_of
from musecore.outbox import publish_many
from musecore.times import utcnow

SCHEDULER = "scheduler"


@dataclass(frozen=True)
class Fleet:
    """The workers of now, and what is paused.

    Attributes
    ----------
    live
        Workers that may get tasks.
    known
        Whether any worker is there at all, paused ones included.
    paused
        Names of paused pools.
    """

    live: tuple[KeptWorker, ...]
    known: bool
    paused: frozenset[str]

    def slots(self, context: Context, pool: Pool) -> int:
        """Count the slots for tasks of a pool.

        Workers that never said what they have count together as the setting says;
        so do those that come, when none is known.
        """
        if pool.name in self.paused:
            return 0
        told = [w for w in self.live if w.cores is not None]
        counted = sum(slots_of(context, worker, pool) for worker in told)
        silent = len(told) < len(self.live) or not self.known
        return counted + (context.policy.slots if silent else 0)


def slots_of(context: Context, worker: KeptWorker, pool: Pool) -> int:
    """Count the tasks of a pool that an announced worker can run at a time."""
    cores, memory_mb = worker.cores or 0, worker.memory_mb or 0
    served = worker.pools or [p.name for p in context.pools.within(memory_mb)]
    if pool.name not in served:
        return 0
    return max(1, min(cores, memory_mb // pool.memory_mb))


async def fleet(tx: Transaction) -> Fleet:
    """Look at the workers."""
    workers, gates = await WorkerRegistry(tx).all_and_gates()
    return Fleet(
        live=tuple(
            worker
            for worker in workers
            if worker.state is WorkerState.ACTIVE and ("site", worker.site) not in gates
        ),
        known=any(worker.state is not WorkerState.GONE for worker in workers),
        paused=frozenset(name for kind, name in gates if kind == "pool"),
    )


async def tell_unserved(context: Context, tx: Transaction) -> None:
    """Tell the people of jobs whose tasks no worker of now can run."""
    window, jobs = WindowStore(tx), JobStore(tx)
    workers = await fleet(tx)
    since = utcnow() - timedelta(seconds=context.policy.worker_gone_s)
    ready = sorted(pool for pool, state in await window.counts() if state == "READY")
    for name in ready:
        pool = context.pools.pool(name) or context.pools.largest
        served = any(
            worker.cores is None or slots_of(context, worker, pool)
            for worker in workers.live
        )
        if served or name in workers.paused:
            continue
        waiting = await window.waiting(name, since)
        await jobs.say(
            await jobs.wanting(waiting),
            f"Tasks of pool {name} wait, and no worker that takes tasks serves it. "
            f"Start one with {pool.memory_mb} MB of memory or more, or resume those "
            "that are paused: musewise-server worker; the job goes on by itself.",
        )


async def dispatch(context: Context, tx: Transaction) -> int:
    """Hand out ready tasks, as many as the window of each pool allows.

    Gives the number of tasks that are queued or running then.
    """
    window = WindowStore(tx)
    counts = await window.counts()
    waiting = sorted(pool for pool, state in counts if state == "READY")
    busy = sum(n for (_, state), n in counts.items() if state != "READY")
    if not waiting:
        return busy
    workers = await fleet(tx)
    offers: list[Offer] = []
    for name in waiting:
        pool = context.pools.pool(name) or context.pools.largest
        places = context.policy.places(workers.slots(context, pool))
        under_way = counts.get((name, "QUEUED"), 0) + counts.get((name, "RUNNING"), 0)
        room = places - under_way
        if room > 0:
            offers += await window.next_ready(
                name,
                room,
                ageing_s=context.policy.ageing_s,
                most=context.policy.ageing_most,
            )
    if offers:
        preferred = await _chosen_workers(context, tx, workers, offers)
        await window.hand_out(offers, preferred, SCHEDULER)
        await announce(tx, offers, preferred)
    return busy + len(offers)


async def _chosen_workers(
    context: Context, tx: Transaction, workers: Fleet, offers: Sequence[Offer]
) -> dict[UUID, str]:
    """Choose a worker for the tasks that should be at one, where it has a free slot.

    That is the worker that holds the inputs, and never one that lost the task before:
    such a task goes to another machine, as long as there is one (scheduler.md 10).
    """
    hosts = {w.name: w for w in workers.live if w.own_queue and w.cores is not None}
    if not hosts or context.policy.prefer_s <= 0:
        return {}
    window = WindowStore(tx)
    nearest = await window.nearest([offer.task_id for offer in offers], hosts)
    lost_at = await window.lost_at([o.task_id for o in offers if o.attempt > 1])
    occupied = await WorkerRegistry(tx).occupied() if nearest or lost_at else {}
    chosen: dict[UUID, str] = {}
    for offer in offers:
        pool = context.pools.pool(offer.pool)
        if pool is None:
            continue
        free = [
            name
            for name, host in hosts.items()
            if occupied.get(name, 0) < slots_of(context, host, pool)
        ]
        name = _one_of(
            free, nearest.get(offer.task_id), lost_at.get(offer.task_id, ()), occupied
        )
        if name is not None:
            occupied[name] = occupied.get(name, 0) + 1
            chosen[offer.task_id] = name
    return chosen


def _one_of(
    free: Sequence[str],
    nearest: str | None,
    lost_at: Collection[str],
    occupied: Mapping[str, int],
) -> str | None:
    """Give the nearest worker; after a loss the idlest other one; None: any may."""
    if nearest in free and nearest not in lost_at:
        return nearest
    others = [name for name in free if name not in lost_at]
    if not lost_at or not others:
        return None
    return min(others, key=lambda name: (occupied.get(name, 0), name))


async def announce(
    tx: Transaction,
    offers: Sequence[Offer],
    preferred: Mapping[UUID, str] | None = None,
) -> None:
    """Tell the workers of the pool, or one worker, that tasks can be claimed."""
    said = []
    for offer in offers:
        name = (preferred or {}).get(offer.task_id)
        request = TaskRequested(
            task_id=offer.task_id,
            attempt=offer.attempt,
            key=offer.key,
            pool=offer.pool,
            recipe=offer.recipe,
            ifu=offer.ifu,
            memory_mb=offer.memory_mb,
            threads=offer.threads,
        )
        where = offer.pool if name is None else f"at.{name}"
        said.append((request, f"{TaskRequested.name}.{where}", offer.priority))
    await publish_many(tx, said)


# -- memory
async def memory_requests(
    context: Context,
    tx: Transaction,
    tasks: Sequence[KeptTask],
    plans: Mapping[UUID, PlannedTask],
) -> dict[UUID, tuple[str, int, str]]:
    """Give cost class, memory (MB) that earlier runs of the kind took, and pool.

    A task that had too little keeps what it was given since.
    """
    if not tasks:
        return {}
    learning = context.pools.learning
    kinds = {task.task_id: cost_class(context, plans[task.task_id]) for task in tasks}
    learned = await WindowStore(tx).learned(
        set(kinds.values()),
        attempts=learning.attempts,
        quantile=learning.quantile,
        least=learning.least_attempts,
    )
    requests = {}
    for task in tasks:
        kind = kinds[task.task_id]
        peak = learned.get(kind)
        wanted = task.memory_mb if peak is None else round(peak * learning.factor)
        if task.attempt > 1:
            wanted = max(wanted, task.memory_mb)
        wanted = max(wanted, learning.floor_mb)
        requests[task.task_id] = (kind, wanted, context.pools.fitting(wanted).name)
    return requests


def cost_class(context: Context, planned: PlannedTask) -> str:
    """Give the kind of runs that cost alike: recipe, mode, number of inputs."""
    mode = mode_of(context.model.recipe(planned.recipe), planned.parameters)
    return f"{planned.recipe}|{mode}|{inputs_bucket(len(planned.inputs))}"
