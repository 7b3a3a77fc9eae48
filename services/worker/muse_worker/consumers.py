"""What the worker hears: requested tasks that it has room for, cancelled ones always."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from muse_worker.service.room import Room
from muse_worker.service.slots import Slots
from musecore.broker import (
    Broker,
    Delivery,
    FleetQueue,
    MessageUnparseable,
    Subscription,
    queue_of,
)
from musecore.errors import MuseError, WorkerPaused
from musecore.log import get_logger
from musecore.messages import TaskCancelled, TaskRequested
from musecore.muse.pools import Pools

__all__ = ["Consumers"]

log = get_logger(__name__)

RETRY_S = 1.0
"""Until a broker that was away is asked again."""


_OF_POOL = "worker.{pool}"
_AT_WORKER = "worker.at.{worker}"
_CANCELLED = "worker.{worker}.cancelled"


@dataclass
class _Tap:
    """A queue that is listened to while there is room for its tasks."""

    queue: FleetQueue
    memory_mb: int
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    taking: Subscription | None = None


class Consumers:
    """Takes messages of the pools that one worker has room for.

    A queue is listened to only while a task of its pool fits beside what runs, and a
    message is acknowledged once the task is claimed: none is held for the length of a
    recipe, and what this worker cannot run now is in the queue for another.

    Parameters
    ----------
    pools
        All pools: each gets its queue, so that no task is asked for in vain.
    served
        Names of those that this worker serves.
    worker
        Names the queues of this worker's own: for tasks near their inputs, and for
        cancelled ones.
    refused
        Called when a claim is refused because the worker is to take nothing.
    """

    def __init__(
        self,
        broker: Broker,
        slots: Slots,
        *,
        pools: Pools,
        served: Sequence[str],
        worker: str,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._broker = broker
        self._slots = slots
        self._pools = pools
        self._own = queue_of(_AT_WORKER, worker=worker)
        self._own_cancelled = queue_of(_CANCELLED, worker=worker)
        self._refused = refused
        sizes = {p.name: p.memory_mb for p in pools.pools if p.name in served}
        taps = [_Tap(_of_pool(name), size) for name, size in sizes.items()]
        taps.append(_Tap(self._own, min(sizes.values())))
        self._taps = {tap.queue.name: tap for tap in taps}
        self._ending = False
        self._keeper: asyncio.Task[None] | None = None
        self._cancelled: Subscription | None = None

    async def start(self) -> None:
        """Begin to listen."""
        for name in self._pools.names:
            await self._broker.declare(_of_pool(name).name, _of_pool(name).hears)
        await self._broker.declare(self._own.name, self._own.hears)
        self._cancelled = await self._broker.subscribe(
            self._own_cancelled.name,
            self._own_cancelled.hears,
            self._on_cancelled,
            fleeting=self._own_cancelled.fleeting,
        )
        self._keeper = asyncio.create_task(self._keep(), name="consumers")

    async def stop_taking(self) -> None:
        """Take no more tasks; those that run can still be cancelled."""
        self._ending = True
        self._room.shut("The worker stops.")
        if self._keeper is not None:
            await self._keeper
            self._keeper = None

    async def stop(self) -> None:
        """Listen to nothing any more."""
        await self.stop_taking()
        if self._cancelled is not None:
            await self._cancelled.cancel()

    @property
    def _room(self) -> Room:
        return self._slots.room

    # -- listen where there is room
    async def _keep(self) -> None:
        """Open and close taps as the room changes, until the end."""
        while not self._ending:
            news = self._room.news
            try:
                await self._adjust()
            except Exception as error:  # noqa: BLE001  a worker must not fall deaf
                log.warning("queues not reached", detail=repr(error))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY_S):
                        await news.wait()
                continue
            await news.wait()
        await asyncio.gather(*map(self._close, self._taps.values()))

    async def _adjust(self) -> None:
        turns = [
            self._open(tap) if self._room.fits(tap.memory_mb) else self._close(tap)
            for tap in self._taps.values()
        ]
        failures = await asyncio.gather(*turns, return_exceptions=True)
        for failure in failures:
            if isinstance(failure, BaseException):
                raise failure

    async def _open(self, tap: _Tap) -> None:
        if tap.taking is None:
            tap.closing.clear()
            tap.taking = await self._broker.subscribe(
                tap.queue.name, tap.queue.hears, self._on_requested
            )

    async def _close(self, tap: _Tap) -> None:
        taking, tap.taking = tap.taking, None
        if taking is None:
            return
        tap.closing.set()
        try:
            await taking.cancel()
        except (MuseError, OSError) as error:
            log.warning("queue not left", queue=tap.queue.name, detail=str(error))

    # -- what is heard
    async def _on_requested(self, delivery: Delivery) -> None:
        payload = delivery.payload
        if not isinstance(payload, TaskRequested):
            raise MessageUnparseable(f"Not a requested task: {payload.name}.")
        tap = self._taps[delivery.queue]
        needed_mb = self._needed_mb(payload)
        if tap.queue != self._own:
            await self._until_fits_or_closing(tap, needed_mb)
        try:
            taken = await self._slots.take(payload, needed_mb)
        except WorkerPaused as error:
            log.warning("takes no more tasks", why=str(error))
            self._room.shut(str(error))
            self._refused()
            taken = True  # by the scheduler, who offers it again
        if not taken:
            await self._leave_to_others(delivery, payload)
        await self._until_fits_or_closing(tap, tap.memory_mb)

    def _needed_mb(self, requested: TaskRequested) -> int:
        if requested.memory_mb:
            return requested.memory_mb
        pool = self._pools.pool(requested.pool) or self._pools.largest
        return pool.memory_mb

    async def _leave_to_others(
        self, delivery: Delivery, requested: TaskRequested
    ) -> None:
        """Put a task for which there is no room any more back, as a new message.

        Refusing the message would use up its deliveries.
        """
        pool = self._pools.pool(requested.pool) or self._pools.largest
        [key] = _of_pool(pool.name).hears
        message = replace(delivery.message, routing_key=key)
        await self._broker.publish(message)
        log.info("left to others", task=str(requested.task_id), pool=pool.name)

    async def _until_fits_or_closing(self, tap: _Tap, memory_mb: float) -> None:
        """Hold the acknowledgement back until no further message will be given to us.

        Or until there is room again, when a further one is welcome.
        """
        if self._room.fits(memory_mb):
            return
        waits = [
            asyncio.create_task(tap.closing.wait()),
            asyncio.create_task(self._room.until_fits(memory_mb)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _on_cancelled(self, delivery: Delivery) -> None:
        payload = delivery.payload
        if not isinstance(payload, TaskCancelled):
            raise MessageUnparseable(f"Not a cancelled task: {payload.name}.")
        self._slots.cancel(payload)


def _of_pool(pool: str) -> FleetQueue:
    return queue_of(_OF_POOL, pool=pool)
