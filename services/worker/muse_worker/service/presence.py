"""The worker says that it is there and what it has, and hears what it may do."""

import asyncio
import contextlib
from collections.abc import Callable

import httpx

from muse_worker.models import Announcement, Orders
from muse_worker.providers import SchedulerClient
from muse_worker.service.room import Room
from musecore.errors import MuseError
from musecore.log import get_logger

__all__ = ["Presence"]

log = get_logger(__name__)

ANSWER_S = 5.0
"""How long one answer of the scheduler is waited for."""

ACTIVE = "ACTIVE"


class Presence:
    """Announces one worker at its start, with every beat and at its end.

    While the scheduler does not answer the worker goes on as it was told last.

    Parameters
    ----------
    say
        What the worker has now.
    beat_s
        Between two announcements, in seconds, until the scheduler says otherwise.
    """

    def __init__(
        self,
        scheduler: SchedulerClient,
        worker: str,
        say: Callable[[], Announcement],
        room: Room,
        *,
        beat_s: float = 10.0,
    ) -> None:
        self._scheduler = scheduler
        self._worker = worker
        self._say = say
        self._room = room
        self._beat_s = beat_s
        self._starting = True
        self._is_heard = True
        self._early = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Announce the worker, obey, and go on doing so."""
        await self._beat()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="presence")

    async def stop(self) -> None:
        """Say that the worker stops."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._told(self._say().model_copy(update={"stopping": True}))

    def ask(self) -> None:
        """Hear soon what may be done: a claim was refused."""
        self._early.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._beat_s):
                    await self._early.wait()
            self._early.clear()
            await self._beat()

    async def _beat(self) -> None:
        said = self._say().model_copy(update={"starting": self._starting})
        orders = await self._told(said)
        if orders is None:
            return
        self._starting = False
        self._beat_s = orders.beat_s
        self._obey(orders)

    async def _told(self, said: Announcement) -> Orders | None:
        """Announce once; None when nobody hears it."""
        try:
            async with asyncio.timeout(ANSWER_S):
                orders = await self._scheduler.announce(self._worker, said)
        except (MuseError, ValueError, TimeoutError, OSError, httpx.HTTPError) as error:
            if self._is_heard:
                log.warning("announcement not heard", detail=repr(error))
            self._is_heard = False
            return None
        if not self._is_heard:
            log.info("announcement heard again")
        self._is_heard = True
        return orders

    def _obey(self, orders: Orders) -> None:
        room, before = self._room, self._room.why_shut
        if orders.state == ACTIVE:
            if before is not None:
                log.info("takes tasks again", before=before)
            room.reopen()
            return
        why = f"{orders.state}: {orders.reason}"
        if why != before:
            log.warning("takes no more tasks", worker=self._worker, why=why)
            room.shut(why)
