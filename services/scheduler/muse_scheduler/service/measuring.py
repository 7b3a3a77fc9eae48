"""What the scheduler tells of itself: tasks, queues, window, reuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from muse_scheduler.models import TaskState
from muse_scheduler.service.context import Context
from muse_scheduler.service.fleet import FleetService
from muse_scheduler.store.figures import FigureStore, Share
from musecore.rounds import Rounds
from musecore.telemetry import counter, gauge
from musecore.times import utcnow

TASKS = gauge(
    "musewise_scheduler_tasks",
    "Tasks by state and by the pool of workers that they need",
    ("pool", "state"),
)
QUEUE_AGE = gauge(
    "musewise_scheduler_queue_age_seconds",
    "How long the oldest task of a pool waits in this state: READY, QUEUED",
    ("pool", "state"),
)
WINDOW = gauge(
    "musewise_scheduler_window_places",
    "Tasks of a pool that may be queued or running",
    ("pool",),
)
WORKERS = gauge(
    "musewise_scheduler_pool_workers",
    "Workers that can run tasks of a pool now",
    ("pool",),
)
IN_FLIGHT = gauge(
    "musewise_scheduler_in_flight_tasks", "Tasks queued or running", ("pool",)
)
REUSED = gauge(
    "musewise_scheduler_reuse_ratio",
    "Of the finished tasks, the share that took over products made before",
)
LEASE_LOSSES = counter(
    "musewise_scheduler_lease_losses_total",
    "Attempts that were ended because their worker went silent",
    ("pool",),
)
_ACTIVE = (TaskState.READY, TaskState.QUEUED, TaskState.RUNNING)
_SLOW = timedelta(minutes=2)


class Measuring:
    """Sets the gauges now and then; `rounds` do so by themselves."""

    def __init__(self, context: Context, fleet: FleetService) -> None:
        self._context = context
        self._fleet = fleet
        self._counted: datetime | None = None
        self._pools: set[str] = set()
        self._rest: set[tuple[str, str]] = set()
        self.rounds = Rounds("figures", self.look)

    async def look(self) -> None:
        """Count what is active; every other minute also what is not."""
        slow = self._counted is None or utcnow() - self._counted >= _SLOW
        async with self._context.database.begin() as tx:
            store = FigureStore(tx)
            self._tell_active(await store.active(), await store.oldest_ready())
            rest = await store.rest() if slow else []
        for pool in await self._fleet.pools():
            WINDOW.labels(pool.name).set(pool.places)
            WORKERS.labels(pool.name).set(pool.workers)
        if slow:
            self._counted = utcnow()
            self._tell_rest(rest)

    def _tell_active(self, shares: list[Share], ready: dict[str, float]) -> None:
        self._pools |= {share.pool for share in shares}
        known = {(share.pool, share.state): share for share in shares}
        for pool in self._pools:
            flying = 0
            for state in _ACTIVE:
                share = known.get((pool, state), Share(pool, state, 0))
                TASKS.labels(pool, state.value).set(share.tasks)
                flying += 0 if state is TaskState.READY else share.tasks
            queued = known.get((pool, TaskState.QUEUED))
            QUEUE_AGE.labels(pool, "READY").set(ready.get(pool, 0.0))
            QUEUE_AGE.labels(pool, "QUEUED").set(queued.age_s if queued else 0.0)
            IN_FLIGHT.labels(pool).set(flying)

    def _tell_rest(self, shares: Iterable[Share]) -> None:
        counts: Counter[tuple[str, str]] = Counter(dict.fromkeys(self._rest, 0))
        done = reused = 0
        for share in shares:
            counts[share.pool, share.state] += share.tasks
            done += share.tasks if share.state == TaskState.DONE else 0
            reused += share.reused
        self._rest = set(counts)
        for (pool, state), count in counts.items():
            TASKS.labels(pool, state).set(count)
        REUSED.set(reused / done if done else 0.0)
