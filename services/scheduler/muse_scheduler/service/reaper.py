"""What nobody tells: leases that are over, messages that got lost, room that ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from datetime import timedelta

from muse_scheduler.service.context import Context
from muse_scheduler.service.eviction import Eviction
from muse_scheduler.service.release import announce, dispatch, graph_change
from muse_scheduler.service.settling import LOST, Settling
from muse_scheduler.store import KeptTask, WorkStore
from musecore.db import Transaction
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.times import utcnow

log = get_logger(__name__)

REAPER = "reaper"


class Reaper:
    """Looks around once a tick; every look may be repeated."""

    def __init__(
        self, context: Context, settling: Settling, eviction: Eviction
    ) -> None:
        self._context = context
        self._settling = settling
        self._eviction = eviction
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look around, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name="scheduler-reaper")

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        policy = self._context.policy
        looked_at = utcnow() - timedelta(days=1)
        while True:
            try:
                await self.tick()
                if (utcnow() - looked_at).total_seconds() >= policy.space_every_s:
                    looked_at = utcnow()
                    await self._eviction.make_room()
            except MuseError as error:
                log.warning("reaper waits", detail=str(error))
            except Exception:
                log.exception("reaper failed and goes on")
            await asyncio.sleep(policy.tick_s)

    async def tick(self) -> None:
        """End expired leases, announce stuck tasks again, hand out what is due."""
        async with graph_change(self._context) as tx:
            work = WorkStore(tx)
            for task in await work.expired():
                who = task.worker or "a worker"
                await self._end(tx, task, f"no heartbeat of {who} in its lease")
            limit = timedelta(seconds=self._context.policy.requeue_after_s)
            await self._announce_again(tx, await work.stuck(utcnow() - limit))
            await dispatch(self._context, tx)

    async def recover(self, workers: Collection[str]) -> int:
        """End the attempts of workers that are known to be dead; give their number.

        For the start of a server: its own earlier workers died with it. Their
        tasks are queued again at once; finished tasks stay as they are. Tasks
        that stood in a queue are announced again.
        """
        async with graph_change(self._context) as tx:
            work = WorkStore(tx)
            await self._announce_again(tx, await work.stuck(utcnow()))
            lost = await work.running_of(workers)
            for task in lost:
                why = f"{task.worker} ended with its server"
                await self._end(tx, task, why, wait=False)
            await dispatch(self._context, tx)
        return len(lost)

    async def _end(
        self, tx: Transaction, task: KeptTask, why: str, *, wait: bool = True
    ) -> None:
        work = WorkStore(tx)
        await work.end_attempt(task.task_id, task.attempt, LOST, why)
        tries = await work.outcomes(task.task_id, task.budget_from)
        settling = self._settling
        await settling.lost(tx, task, who=REAPER, detail=why, tries=tries, wait=wait)

    async def _announce_again(
        self, tx: Transaction, tasks: Collection[KeptTask]
    ) -> None:
        if tasks:
            await announce(tx, list(tasks))
            await WorkStore(tx).touch_queued([task.task_id for task in tasks])
