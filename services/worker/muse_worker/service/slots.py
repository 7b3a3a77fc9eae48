"""The slots of a worker: so many attempts at a time, and each can be stopped."""

import asyncio
from pathlib import Path
from uuid import UUID

from muse_worker.models import ClaimedTask
from muse_worker.service.attempt import Attempt, Tools
from muse_worker.service.measuring import RUNNING, SLOTS
from musecore.errors import MuseError
from musecore.log import bound, get_logger
from musecore.messages import TaskCancelled, TaskRequested

__all__ = ["Slots"]

log = get_logger(__name__)


class Slots:
    """Claims tasks and runs them.

    Parameters
    ----------
    count
        Attempts that may run at the same time.
    folder
        Gets one folder per attempt.
    """

    def __init__(self, count: int, tools: Tools, folder: Path) -> None:
        self._count = count
        self._tools = tools
        self._folder = folder
        self._running: dict[asyncio.Task[None], Attempt] = {}
        self._free = asyncio.Event()
        self._full = asyncio.Event()
        self._free.set()
        SLOTS.labels(tools.worker).set(count)

    @property
    def full(self) -> bool:
        """Whether all slots are taken."""
        return len(self._running) >= self._count

    @property
    def running(self) -> list[UUID]:
        """The tasks that run now."""
        return [attempt.task.task_id for attempt in self._running.values()]

    async def until_free(self) -> bool:
        """Wait for a slot; always True."""
        return await self._free.wait()

    async def until_full(self) -> None:
        """Wait until no slot is left."""
        await self._full.wait()

    async def take(self, requested: TaskRequested) -> None:
        """Claim a task and start it, when there is a slot; it then runs by itself.

        A task that somebody else has is left alone, so this may be called twice.

        Raises
        ------
        Unavailable
            The scheduler does not answer: the message should come again.
        """
        await self.until_free()
        try:
            task = await self._tools.scheduler.claim(
                requested.task_id, requested.attempt, self._tools.worker
            )
        except MuseError as error:
            if error.status not in (404, 409):
                raise
            log.info("not claimed", task=str(requested.task_id), detail=str(error))
            return
        self._start(task)

    def cancel(self, cancelled: TaskCancelled) -> None:
        """Stop a task if it runs here; harmless otherwise."""
        for attempt in self._running.values():
            if attempt.task.task_id == cancelled.task_id:
                attempt.stop("cancelled", cancelled.reason)

    async def drain(self, wait_s: float) -> None:
        """Let the attempts go on for `wait_s` seconds, then hand back the rest."""
        if self._running:
            await asyncio.wait(self._running, timeout=wait_s)
        for attempt in list(self._running.values()):
            attempt.stop(
                "infrastructure", f"Handed back: {self._tools.worker} was stopped."
            )
        if self._running:
            await asyncio.wait(self._running)

    def _start(self, task: ClaimedTask) -> None:
        name = f"{task.slug}-{str(task.task_id)[-12:]}-a{task.attempt}"
        attempt = Attempt(task, self._tools, self._folder / name)
        running = asyncio.create_task(self._attend(attempt), name=name)
        self._running[running] = attempt
        running.add_done_callback(self._done)
        self._tell()

    async def _attend(self, attempt: Attempt) -> None:
        task = attempt.task
        with bound(
            task=str(task.task_id), attempt=task.attempt, worker=self._tools.worker
        ):
            log.info("attempt starts", of=task.spoken)
            await attempt.run()
            log.info("attempt ended", of=task.spoken)

    def _done(self, running: asyncio.Task[None]) -> None:
        del self._running[running]
        self._tell()
        if not running.cancelled() and (error := running.exception()) is not None:
            log.error("attempt lost", task=running.get_name(), exc_info=error)

    def _tell(self) -> None:
        RUNNING.labels(self._tools.worker).set(len(self._running))
        for event, holds in ((self._full, self.full), (self._free, not self.full)):
            if holds:
                event.set()
            else:
                event.clear()
