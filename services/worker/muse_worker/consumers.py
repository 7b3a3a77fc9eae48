"""What the worker hears: requested tasks while a slot is free, cancelled ones always."""

import asyncio

from muse_worker.service.slots import Slots
from musecore.broker import Broker, Delivery, MessageUnparseable, Subscription
from musecore.messages import TaskCancelled, TaskRequested

__all__ = ["Consumers"]


class Consumers:
    """Takes messages for the slots of one worker.

    A message is taken only while a slot is free, and acknowledged once the task is
    claimed: none is held for the length of a recipe, and what this worker cannot run
    now stays in the queue for another.

    Parameters
    ----------
    queue
        Queue of the pool; all its workers share it.
    worker
        Names the queue of this worker's own, for cancelled tasks.
    """

    def __init__(
        self, broker: Broker, slots: Slots, *, queue: str, worker: str
    ) -> None:
        self._broker = broker
        self._slots = slots
        self._queue = queue
        self._own_queue = f"worker.{worker}.cancelled"
        self._closing = asyncio.Event()
        self._gate: asyncio.Task[None] | None = None
        self._cancelled: Subscription | None = None

    async def start(self) -> None:
        """Begin to listen."""
        await self._broker.declare(self._queue, [f"{TaskRequested.name}.#"])
        self._cancelled = await self._broker.subscribe(
            self._own_queue,
            [f"{TaskCancelled.name}.#"],
            self._on_cancelled,
            fleeting=True,
        )
        self._gate = asyncio.create_task(self._take_while_free())

    async def stop_taking(self) -> None:
        """Take no more tasks; those that run can still be cancelled."""
        if self._gate is not None:
            self._gate.cancel()
            await asyncio.wait([self._gate])

    async def stop(self) -> None:
        """Listen to nothing any more."""
        await self.stop_taking()
        if self._cancelled is not None:
            await self._cancelled.cancel()

    async def _take_while_free(self) -> None:
        while True:
            await self._slots.until_free()
            self._closing.clear()
            taking = await self._broker.subscribe(
                self._queue, [f"{TaskRequested.name}.#"], self._on_requested
            )
            try:
                await self._slots.until_full()
            finally:
                self._closing.set()
                await taking.cancel()

    async def _on_requested(self, delivery: Delivery) -> None:
        payload = delivery.payload
        if not isinstance(payload, TaskRequested):
            raise MessageUnparseable(f"Not a requested task: {payload.name}.")
        await self._slots.take(payload)
        if self._slots.full:
            await self._until_no_more_comes()

    async def _until_no_more_comes(self) -> None:
        """Hold the acknowledgement back until no further message will be given to us.

        Or until a slot is free again, when a further one is welcome.
        """
        waits = [
            asyncio.create_task(self._closing.wait()),
            asyncio.create_task(self._slots.until_free()),
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
