"""Messages in, one service call, acknowledgement out: the twin of ``api``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from muse_scheduler.service import SchedulerService
from musecore.broker import Broker, Delivery, MessageUnparseable, Subscription
from musecore.messages import (
    FrameChanged,
    FrameIngested,
    TaskFailed,
    TaskFinished,
    TaskStarted,
)

FRAMES = "scheduler.frames"
TASKS = "scheduler.tasks"

_HEARD = {
    FRAMES: (FrameIngested.name, FrameChanged.name),
    TASKS: (TaskStarted.name, TaskFinished.name, TaskFailed.name),
}


def handler(service: SchedulerService) -> Callable[[Delivery], Awaitable[None]]:
    """Give the function that takes one delivery to its use case."""

    async def handle(delivery: Delivery) -> None:
        message_id = delivery.envelope.message_id
        match delivery.payload:
            case FrameIngested() as event:
                await service.projection.ingest(message_id, event)
            case FrameChanged() as event:
                await service.projection.change(message_id, event)
            case TaskStarted() as event:
                await service.claims.started(message_id, event)
            case TaskFinished() as event:
                await service.settling.finished(message_id, event)
            case TaskFailed() as event:
                await service.settling.failed(message_id, event)
            case other:
                raise MessageUnparseable(f"The scheduler does not hear {other.name}.")

    return handle


async def subscribe(broker: Broker, service: SchedulerService) -> list[Subscription]:
    """Listen on both queues; results do not wait behind a night of frames."""
    handle = handler(service)
    return [
        await broker.subscribe(queue, list(names), handle)
        for queue, names in _HEARD.items()
    ]
