"""How queues, messages and dead letters look on RabbitMQ.

    musewise        topic exchange: every message of the fleet
    musewise.back   direct exchange: to one queue by its name (after a delay, from the
                    dead letters); what finds no queue any more goes on to musewise.lost
    <queue>         quorum queue, with <queue>.dead for what was given up
    musewise.wait.<n>ms   quorum queue of messages that are tried again after n ms

A message that fails is published to a waiting queue and then acknowledged; RabbitMQ
moves it back by at-least-once dead-lettering. A crash in between gives it twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import ChannelPreconditionFailed

from musecore.broker.contract import DeadLetter, Message, QueueMismatch
from musecore.errors import MuseError
from musecore.times import utcnow

__all__ = [
    "BACK",
    "DEAD",
    "EXCHANGE",
    "FLEETING_S",
    "LOST",
    "QueueKind",
    "attempt_of",
    "dead_form",
    "declare_house",
    "declare_queue",
    "letter_of",
    "message_of",
    "wait_name",
    "wire_form",
]

EXCHANGE = "musewise"
BACK = "musewise.back"
LOST = "musewise.lost"
DEAD = ".dead"
FLEETING_S = 300

_KEY = "x-musewise-key"
_TRIES = "x-musewise-tries"
_CODE = "x-musewise-code"
_DETAIL = "x-musewise-detail"
_TIME = "x-musewise-time"
_DETAIL_CHARACTERS = 8000  # headers share one frame of 128 KiB

# RabbitMQ 4 drops a message at the 20th return unless told otherwise, and 3.10 does
# not know -1; dead letters are returned at every look.
_NEVER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class QueueKind:
    """What a queue is, beyond its name; it cannot be changed once the queue exists."""

    delivery_limit: int = 5
    fleeting: bool = False


def wait_name(delay_s: float) -> str:
    """Name the waiting queue of a delay, and the exchange before it."""
    return f"musewise.wait.{round(delay_s * 1000)}ms"


def _arguments(queue: str, kind: QueueKind) -> dict[str, Any]:
    if kind.fleeting:
        return {"x-expires": FLEETING_S * 1000}
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": kind.delivery_limit,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": BACK,
        "x-dead-letter-routing-key": queue + DEAD,
        "x-dead-letter-strategy": "at-least-once",
    }


_KEPT: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": _NEVER}


async def declare_house(channel: AbstractChannel, delays_s: list[float]) -> None:
    """Make what all queues share; raises `QueueMismatch`."""
    with _mismatch(f"One of the exchanges or waiting queues {EXCHANGE}.*"):
        await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        lost = await channel.declare_exchange(LOST, "fanout", durable=True)
        await channel.declare_exchange(
            BACK, "direct", durable=True, arguments={"alternate-exchange": LOST}
        )
        queue = await channel.declare_queue(LOST, durable=True, arguments=_KEPT)
        await queue.bind(lost)
        for delay_s in sorted(set(delays_s)):
            name = wait_name(delay_s)
            fan = await channel.declare_exchange(name, "fanout", durable=True)
            waiting: dict[str, Any] = {
                "x-queue-type": "quorum",
                "x-message-ttl": round(delay_s * 1000),
                "x-overflow": "reject-publish",
                "x-dead-letter-exchange": BACK,
                "x-dead-letter-strategy": "at-least-once",
            }
            queue = await channel.declare_queue(name, durable=True, arguments=waiting)
            await queue.bind(fan)


async def declare_queue(
    channel: AbstractChannel, name: str, keys: Collection[str], kind: QueueKind
) -> tuple[AbstractQueue, int]:
    """Make a queue with its dead letters and bindings; give it and their number.

    Raises
    ------
    QueueMismatch
        The queue exists with other arguments. The channel is closed by then.
    """
    dead = 0
    with _mismatch(f"The queue {name!r}"):
        if not kind.fleeting:
            grave = await channel.declare_queue(
                name + DEAD, durable=True, arguments=_KEPT
            )
            dead = grave.declaration_result.message_count or 0
            await grave.bind(BACK, name + DEAD)
        queue = await channel.declare_queue(
            name, durable=True, arguments=_arguments(name, kind)
        )
        if not kind.fleeting:
            await queue.bind(BACK, name)
    for key in sorted(keys):
        await queue.bind(EXCHANGE, key)
    return queue, dead


class _mismatch:  # noqa: N801  reads as a statement: `with _mismatch(...)`
    """Turn RabbitMQ's refusal of a declaration into a sentence that helps."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _at: object) -> None:
        if isinstance(error, ChannelPreconditionFailed):
            raise QueueMismatch(
                f"{self._what} exists with other arguments than this version needs: "
                f"{error}",
                hint="Stop what listens there, let it run empty or move its messages "
                "away, delete it (rabbitmqctl delete_queue NAME) and start again: "
                "services make what they need.",
            ) from error


def wire_form(message: Message, *, tries: int = 0) -> aio_pika.Message:
    """Give what is published; `tries` counts the failures so far."""
    own: dict[str, Any] = {_KEY: message.routing_key}
    if tries:
        own[_TRIES] = tries
    return aio_pika.Message(
        message.body,
        headers={**message.headers, **own},
        message_id=message.message_id,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


def dead_form(message: Message, attempts: int, error: Exception) -> aio_pika.Message:
    """Give what is published to the dead letters of a queue."""
    form = wire_form(message, tries=attempts)
    form.headers[_CODE] = (
        error.code if isinstance(error, MuseError) else "internal_error"
    )
    form.headers[_DETAIL] = (str(error) or type(error).__name__)[:_DETAIL_CHARACTERS]
    form.headers[_TIME] = utcnow().isoformat()
    return form


def message_of(incoming: AbstractIncomingMessage) -> Message:
    """Give the message that was published, wherever it waited since."""
    headers = incoming.headers
    return Message(
        message_id=incoming.message_id or "",
        routing_key=str(headers.get(_KEY) or incoming.routing_key or ""),
        body=incoming.body,
        headers={
            name: str(value)
            for name, value in headers.items()
            if not name.startswith("x-")
        },
    )


def _count(headers: Mapping[str, Any], name: str) -> int:
    found = headers.get(name)
    return found if isinstance(found, int) else 0


def attempt_of(incoming: AbstractIncomingMessage) -> int:
    """Number this delivery: failures that we counted, and returns that RabbitMQ did.

    RabbitMQ 3.10 sends ``x-delivery-count`` 0 at first, 4.0 sends none.
    """
    headers = incoming.headers
    return 1 + _count(headers, _TRIES) + _count(headers, "x-delivery-count")


def letter_of(queue: str, incoming: AbstractIncomingMessage) -> DeadLetter:
    """Read a dead letter: one of ours, or one that RabbitMQ gave up itself."""
    headers = incoming.headers
    code, time = headers.get(_CODE), headers.get(_TIME)
    if code is not None:
        return DeadLetter(
            message_of(incoming),
            queue,
            _count(headers, _TRIES),
            str(code),
            str(headers.get(_DETAIL, "")),
            datetime.fromisoformat(str(time)) if time else utcnow(),
        )
    [death, *_] = _deaths(headers) or [{}]
    reason = str(death.get("reason", "unknown")).replace("_", " ")
    at = death.get("time")
    return DeadLetter(
        message_of(incoming),
        queue,
        _count(headers, _TRIES) + _count(headers, "x-delivery-count"),
        "delivered_too_often",
        f"RabbitMQ gave it up ({reason}): whoever had it died or lost the connection.",
        at.replace(tzinfo=UTC) if isinstance(at, datetime) else utcnow(),
    )


def _deaths(headers: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = headers.get("x-death")
    return [one for one in found if isinstance(one, dict)] if found else []
