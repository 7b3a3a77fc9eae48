"""Messages in, one service call, acknowledgement out: the twin of ``api``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from typing import NamedTuple

from muse_scheduler.service import SchedulerService
from muse_scheduler.service.settling import Heard
from musecore.broker import (
    Broker,
    Delivery,
    MessageUnparseable,
    Subscription,
    queue_of,
)
from musecore.messages import (
    FrameChanged,
    FrameIngested,
    TaskFailed,
    TaskFinished,
    TaskStarted,
)

FRAMES = "scheduler.frames"
TASKS = "scheduler.tasks"

_GAP_S = 0.002
"""Results that come closer together than this are settled together."""
_LONGEST_S = 0.1
"""A batch gathers as long as the one before took, but no longer than this."""


class _Waiting(NamedTuple):
    heard: Heard
    done: asyncio.Future[None]
    context: Context


class Together:
    """Settles what is in hand in one transaction, while the next batch gathers.

    Each delivery is acknowledged after the commit that holds it; one that breaks is
    answered for itself. What a batch logs and says carries the correlation and the
    trace of its first message.
    """

    def __init__(self, service: SchedulerService) -> None:
        self._settling = service.settling
        self._most = service.context.policy.settle_batch
        self._waiting: list[_Waiting] = []
        self._turn: asyncio.Task[None] | None = None
        self._patience_s = 0.0

    async def settle(self, heard: Heard) -> None:
        """Settle one message, together with those that come at the same time."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(heard, done, copy_context()))
        if self._turn is None or self._turn.done():
            self._turn = asyncio.create_task(self._run(), name="scheduler-settling")
        await done

    async def _run(self) -> None:
        while self._waiting:
            await self._gathered()
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            settling = asyncio.create_task(
                self._errors([one.heard for one in batch]), context=batch[0].context
            )
            begun = time.monotonic()
            errors = await settling
            self._patience_s = min(_LONGEST_S, time.monotonic() - begun)
            for one, error in zip(batch, errors, strict=True):
                if one.done.done():  # whoever waited was cancelled; it comes again
                    continue
                if error is None:
                    one.done.set_result(None)
                else:
                    one.done.set_exception(error)

    async def _gathered(self) -> None:
        """Wait for more: a transaction costs as much for one as for many.

        Not once all that is under way has answered; and to wait takes no longer than
        a transaction of their own would keep the others waiting.
        """
        end = time.monotonic() + self._patience_s
        while (before := len(self._waiting)) < self._most:
            if before >= self._settling.under_way:
                return
            await asyncio.sleep(_GAP_S)
            if len(self._waiting) == before and time.monotonic() >= end:
                return

    async def _errors(self, heard: list[Heard]) -> list[Exception | None]:
        try:
            return await self._settling.settle_each(heard)
        except Exception as error:  # noqa: BLE001  everyone who waits must hear of it
            return [error] * len(heard)


def handler(service: SchedulerService) -> Callable[[Delivery], Awaitable[None]]:
    """Give the function that takes one delivery to its use case."""
    together = Together(service)

    async def handle(delivery: Delivery) -> None:
        message_id = delivery.envelope.message_id
        match delivery.payload:
            case FrameIngested() as event:
                await service.projection.ingest(message_id, event)
            case FrameChanged() as event:
                await service.projection.change(message_id, event)
            case TaskStarted() | TaskFinished() | TaskFailed() as event:
                await together.settle(Heard(message_id, event))
            case other:
                raise MessageUnparseable(f"The scheduler does not hear {other.name}.")

    return handle


async def subscribe(broker: Broker, service: SchedulerService) -> list[Subscription]:
    """Listen on both queues; results do not wait behind a night of frames.

    Of results twice as many as are settled at a time are in hand: while one batch is
    settled the next gathers.
    """
    handle = handler(service)
    together = {TASKS: 2 * service.context.policy.settle_batch}
    return [
        await broker.subscribe(
            queue.name, queue.hears, handle, prefetch=together.get(queue.name, 1)
        )
        for queue in map(queue_of, (FRAMES, TASKS))
    ]
