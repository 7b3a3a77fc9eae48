"""What nobody tells: leases that are over, messages that got lost, room that ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial

from muse_scheduler.models import WorkerState
from muse_scheduler.service.context import Context
from muse_scheduler.service.dispatching import announce, tell_unserved
from muse_scheduler.service.eviction import Eviction
from muse_scheduler.service.failures import LOST, Failures
from muse_scheduler.service.measuring import LEASE_LOSSES
from muse_scheduler.service.partial import Partial
from muse_scheduler.service.release import dispatch, graph_change
from muse_scheduler.service.trials import Trials
from muse_scheduler.store import (
    KeptTask,
    Offer,
    WindowStore,
    WorkerRegistry,
    WorkStore,
    ending,
)
from musecore.db import Transaction
from musecore.rounds import Rounds
from musecore.times import utcnow

REAPER = "reaper"


class Reaper:
    """Looks around once a tick; every look may be repeated, and by several at once."""

    def __init__(
        self,
        context: Context,
        failures: Failures,
        partial: Partial,
        eviction: Eviction,
        trials: Trials,
    ) -> None:
        self._context = context
        self._failures = failures
        self._partial = partial
        policy = context.policy
        self._rounds = (
            Rounds(REAPER, self.tick, every_s=policy.tick_s),
            Rounds(
                "room and workers",
                eviction.make_room,
                trials.end,
                self.look_for_workers,
                every_s=policy.space_every_s,
            ),
        )

    async def start(self) -> None:
        """Begin to look around."""
        for rounds in self._rounds:
            await rounds.start()

    async def stop(self) -> None:
        """Look no more."""
        for rounds in self._rounds:
            await rounds.stop()

    async def tick(self) -> None:
        """End expired leases, announce stuck tasks again, hand out what is due."""
        policy = self._context.policy
        now = utcnow()
        async with graph_change(self._context) as tx:
            ended = await WorkStore(tx).expired()
            whys = [
                f"no heartbeat of {t.worker or 'a worker'} in its lease" for t in ended
            ]
            _count(tx, ended)
            await self._end(tx, ended, whys)
            stuck = await WindowStore(tx).stuck(
                now - timedelta(seconds=policy.requeue_after_s),
                now - timedelta(seconds=policy.prefer_s),
            )
            await self._announce_again(tx, stuck)
            await dispatch(self._context, tx)
        await self._miss_workers()

    async def look_for_workers(self) -> None:
        """Tell the people of jobs that nobody can go on with."""
        async with self._context.database.begin() as tx:
            await tell_unserved(self._context, tx)

    async def _miss_workers(self) -> None:
        """Call workers GONE that are silent; their tasks end with their leases."""
        limit = timedelta(seconds=self._context.policy.worker_gone_s)
        async with self._context.database.begin() as tx:
            registry = WorkerRegistry(tx)
            silent = await registry.silent(utcnow() - limit)
            if silent:
                why = f"silent for {limit.total_seconds():.0f} s"
                gone = WorkerState.GONE
                await registry.move(silent, gone, orders=None, who=REAPER, why=why)

    async def recover(self, workers: Collection[str]) -> int:
        """End the attempts of workers that are known to be dead; give their number.

        For the start of a server: its own earlier workers died with it. Their
        tasks are queued again at once; finished tasks stay as they are. Tasks
        that stood in a queue are announced again.
        """
        async with graph_change(self._context) as tx:
            now = utcnow()
            await self._announce_again(tx, await WindowStore(tx).stuck(now, now))
            lost = await WorkStore(tx).running_of(workers)
            whys = [f"{task.worker} ended with its server" for task in lost]
            await self._end(tx, lost, whys, wait=False)
            await dispatch(self._context, tx)
        return len(lost)

    async def _end(
        self,
        tx: Transaction,
        tasks: Sequence[KeptTask],
        whys: Sequence[str],
        *,
        wait: bool = True,
    ) -> None:
        """End running attempts as lost."""
        work = WorkStore(tx)
        pairs = list(zip(tasks, whys, strict=True))
        await work.end_attempts(
            [ending(task.task_id, task.attempt, LOST, why) for task, why in pairs]
        )
        for task, why in pairs:
            tries = await work.outcomes(task.task_id, task.budget_from)
            await self._failures.lost(
                tx, task, who=REAPER, detail=why, tries=tries, wait=wait
            )
        if tasks:
            await self._partial.look_after(tx, [task.task_id for task in tasks])

    async def _announce_again(self, tx: Transaction, offers: Sequence[Offer]) -> None:
        if offers:
            await announce(tx, offers)
            await WindowStore(tx).touch_queued([offer.task_id for offer in offers])


def _count(tx: Transaction, lost: Sequence[KeptTask]) -> None:
    """Count lost leases, once it is committed that they are."""
    for pool, losses in Counter(task.pool for task in lost).items():
        tx.on_commit(partial(LEASE_LOSSES.labels(pool).inc, losses))
