"""What every broker promises, and the words it uses."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from pydantic import ValidationError

from musecore.errors import Conflict, MuseError, NotFound, Unavailable
from musecore.messages import Envelope, Payload, parse
from musecore.telemetry import carried

__all__ = [
    "Broker",
    "BrokerForbidden",
    "BrokerUnavailable",
    "DeadLetter",
    "DeadLetterNotFound",
    "DeliveredTooOften",
    "Delivery",
    "Handler",
    "Message",
    "MessageUnparseable",
    "QueueMismatch",
    "Subscription",
    "Topology",
    "Unroutable",
    "is_transient",
    "matches",
]


class Unroutable(MuseError):
    """No queue takes messages of this routing key (yet)."""

    code = "unroutable"
    status = 503
    transient = True


class BrokerUnavailable(Unavailable):
    """The broker does not answer, or did not confirm in time."""

    code = "broker_unavailable"


class BrokerForbidden(MuseError):
    """The broker refuses our user, password or virtual host."""

    code = "broker_forbidden"


class QueueMismatch(Conflict):
    """A queue exists with other arguments than this version needs."""

    code = "queue_mismatch"


class DeliveredTooOften(MuseError):
    """Every delivery ended without an answer: handlers died with the message."""

    code = "delivered_too_often"


class DeadLetterNotFound(NotFound):
    """The queue has no dead letter with this message id."""

    code = "dead_letter_not_found"


class MessageUnparseable(MuseError):
    """The body is no envelope of a name and shape that we know."""

    code = "message_unparseable"
    status = 422


@dataclass(frozen=True, slots=True)
class Message:
    """What travels: an envelope as JSON, and how to route it.

    Attributes
    ----------
    message_id
        Unique per message, the same on every delivery; consumers dedupe by it.
    routing_key
        The message's name, or the name and more words: ``task.requested.v1.small``.
    headers
        Text beside the body: ``correlation_id``, ``traceparent``.
    """

    message_id: str
    routing_key: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, envelope: Envelope, routing_key: str | None = None) -> "Message":
        """Wrap an envelope; its name is the routing key unless one is given."""
        headers = carried()
        if envelope.correlation_id is not None:
            headers["correlation_id"] = envelope.correlation_id
        return cls(
            message_id=str(envelope.message_id),
            routing_key=envelope.name if routing_key is None else routing_key,
            body=envelope.model_dump_json().encode(),
            headers=headers,
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the hands of a handler.

    Attributes
    ----------
    attempt
        1 at the first delivery, one more each time it comes again.
    """

    message: Message
    queue: str
    attempt: int

    @property
    def envelope(self) -> Envelope:
        """The envelope in the body; raises `MessageUnparseable`."""
        try:
            return Envelope.model_validate_json(self.message.body)
        except ValidationError as error:
            raise MessageUnparseable(
                f"Message {self.message.message_id} is no envelope: {error}"
            ) from error

    @property
    def payload(self) -> Payload:
        """The typed payload; raises `MessageUnparseable` for one we do not know."""
        envelope = self.envelope
        try:
            return parse(envelope)
        except KeyError as error:
            raise MessageUnparseable(
                f"Message {envelope.message_id} has the unknown name {envelope.name!r}."
            ) from error
        except ValidationError as error:
            raise MessageUnparseable(
                f"Message {envelope.message_id} ({envelope.name}) does not fit: {error}"
            ) from error


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, with the reason."""

    message: Message
    queue: str
    attempts: int
    code: str
    detail: str
    time: datetime


Handler = Callable[[Delivery], Awaitable[None]]
"""Returns: the message is done. Raises: see `Broker.subscribe`."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Which queues exist and what they hear: one description for the fleet.

    Attributes
    ----------
    queues
        Queue name -> patterns of routing keys. ``*`` is one word, ``#`` any number.
    unheard
        Patterns that may be published although no queue takes them.
    fleeting
        Those of `queues` that vanish some minutes after their last consumer.
    """

    queues: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unheard: Sequence[str] = ()
    fleeting: Sequence[str] = ()


class Subscription(Protocol):
    """A running consumer of one queue."""

    async def cancel(self) -> None:
        """Stop taking messages; wait for handlers that run to end."""


class Broker(Protocol):
    """Delivers each message at least once to every queue bound to its routing key.

    Queues, messages and delivery counts outlive the process where the
    implementation has a place to keep them.
    """

    async def start(self) -> None:
        """Connect; check or declare the topology."""

    async def close(self) -> None:
        """Stop delivering; unacknowledged messages stay for the next start."""

    async def declare(
        self, queue: str, names: Sequence[str], *, fleeting: bool = False
    ) -> None:
        """Make a queue (harmless if it exists) and bind it to routing keys.

        A fleeting one vanishes with its messages when nobody has listened to it for
        some minutes, and keeps no dead letters: what its handler refuses is logged.

        Raises
        ------
        QueueMismatch
            It exists as another kind of queue.
        """

    async def publish(self, message: Message) -> None:
        """Hand a message over; on return the broker is responsible for it.

        Raises
        ------
        Unroutable
            No queue is bound to the routing key, and the topology does not list it
            as unheard.
        BrokerUnavailable
            Nobody answered in time. The message may have arrived all the same.
        """

    async def subscribe(
        self,
        queue: str,
        names: Sequence[str],
        handler: Handler,
        *,
        prefetch: int = 1,
        fleeting: bool = False,
    ) -> Subscription:
        """Declare a queue and let `handler` have its messages.

        At most `prefetch` handlers run at a time. A handler that returns
        acknowledges. A transient `MuseError`, a lost connection or a time-out
        puts the message back with a growing delay, until the delivery limit; any
        other error moves it to the dead letters of the queue at once.
        """

    async def depth(self, queue: str) -> int:
        """Count messages of a queue: waiting, delayed and in handlers."""

    async def dead_letters(self, queue: str) -> list[DeadLetter]:
        """List the messages that the consumers of this queue gave up."""

    async def requeue_dead(self, queue: str, *message_ids: str) -> None:
        """Put dead letters back with a fresh delivery count.

        Raises
        ------
        DeadLetterNotFound
            For those that are not there; the others are back by then.
        """

    async def drop_dead(self, queue: str, *message_ids: str) -> None:
        """Throw dead letters away; raises like `requeue_dead`."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same message may be handled well later."""
    if isinstance(error, MuseError):
        return error.transient
    return isinstance(error, ConnectionError | TimeoutError)


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    words = []
    for word in pattern.split("."):
        if word == "#":
            words.append(r"(\.[^.]+)*")
        else:
            words.append(r"\.[^.]+" if word == "*" else rf"\.{re.escape(word)}")
    return re.compile("".join(words))


def matches(pattern: str, routing_key: str) -> bool:
    """Tell whether an AMQP topic pattern takes a routing key."""
    return _pattern(pattern).fullmatch(f".{routing_key}") is not None
