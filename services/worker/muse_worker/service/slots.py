"""The slots of a worker: as many attempts as fit, and each can be stopped."""

import asyncio
from pathlib import Path
from uuid import UUID

from muse_worker.models import ClaimedTask
from muse_worker.service.attempt import Attempt, Tools
from muse_worker.service.measuring import RUNNING, SLOTS
from muse_worker.service.room import Room
from musecore.errors import MuseError, WorkerPaused
from musecore.log import bound, get_logger
from musecore.messages import TaskCancelled, TaskRequested

__all__ = ["Slots"]

log = get_logger(__name__)


class Slots:
    """Claims tasks and runs them.

    Parameters
    ----------
    room
        What may run at the same time.
    folder
        Gets one folder per attempt.
    """

    def __init__(self, room: Room, tools: Tools, folder: Path) -> None:
        self.room = room
        self._tools = tools
        self._folder = folder
        self._running: dict[asyncio.Task[None], Attempt] = {}
        SLOTS.labels(tools.worker).set(room.slots)
        self._measure()

    @property
    def running(self) -> list[UUID]:
        """The tasks that run now."""
        return [attempt.task.task_id for attempt in self._running.values()]

    async def take(self, requested: TaskRequested, memory_mb: int) -> bool:
        """Claim a task and start it, if there is room; it then runs by itself.

        A task that somebody else has is left alone, so this may be called twice.
        False: there is no room, and nobody was asked.

        Raises
        ------
        WorkerPaused
            We get nothing now; the scheduler offers the task again.
        Unavailable
            The scheduler does not answer: the message should come again.
        """
        if not self.room.fits(memory_mb):
            return False
        held = self.room.hold(memory_mb, requested.threads)
        try:
            task = await self._claim(requested)
        except BaseException:
            self.room.free(held)
            raise
        if task is None:
            self.room.free(held)
        else:
            self.room.change(held, task.memory_mb, task.threads)
            self._start(task, held)
        return True

    async def _claim(self, requested: TaskRequested) -> ClaimedTask | None:
        try:
            return await self._tools.scheduler.claim(
                requested.task_id, requested.attempt, self._tools.worker
            )
        except WorkerPaused:
            raise
        except MuseError as error:
            if error.status not in (404, 409):
                raise
            log.info("not claimed", task=str(requested.task_id), detail=str(error))
            return None

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

    def _start(self, task: ClaimedTask, held: int) -> None:
        name = f"{task.slug}-{str(task.task_id)[-12:]}-a{task.attempt}"
        attempt = Attempt(task, self._tools, self._folder / name)
        running = asyncio.create_task(self._attend(attempt), name=name)
        self._running[running] = attempt
        self._measure()
        running.add_done_callback(lambda done: self._done(done, held))

    async def _attend(self, attempt: Attempt) -> None:
        task = attempt.task
        with bound(
            task=str(task.task_id), attempt=task.attempt, worker=self._tools.worker
        ):
            log.info("attempt starts", of=task.spoken)
            await attempt.run()
            log.info("attempt ended", of=task.spoken)

    def _done(self, running: asyncio.Task[None], held: int) -> None:
        del self._running[running]
        self.room.free(held)
        self._measure()
        if not running.cancelled() and (error := running.exception()) is not None:
            log.error("attempt lost", task=running.get_name(), exc_info=error)

    def _measure(self) -> None:
        RUNNING.labels(self._tools.worker).set(len(self._running))
