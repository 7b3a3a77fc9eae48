"""A consumer of one RabbitMQ queue: comes back by itself, settles every delivery."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from typing_extensions import override

from musecore.broker.attending import attend
from musecore.broker.contract import (
    DeliveredTooOften,
    Delivery,
    Handler,
    Subscription,
    is_transient,
)
from musecore.broker.rabbit_link import LOST_EXCEPTIONS, Link, backoff_s
from musecore.broker.rabbit_wire import (
    BACK,
    DEAD,
    QueueKind,
    attempt_of,
    dead_form,
    message_of,
    wait_name,
    wire_form,
)
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.telemetry import BROKER_DEAD_LETTERS, BROKER_MESSAGES

__all__ = ["Counts", "RabbitSubscription", "Reads"]

log = get_logger(__name__)

_LATE_S = 2.0  # beyond its delay, a message that went to another process is forgotten
_FLEETING_AHEAD = 16  # a fleeting queue's message waits here for its next try


@dataclass
class Counts:
    """What this process has of one queue: in handlers, and put off until when."""

    in_hand: int = 0
    delayed: dict[str, float] = field(default_factory=dict)

    def waiting(self) -> int:
        """Count messages put off that have not come back yet."""
        now = asyncio.get_running_loop().time()
        for message_id in [one for one, until in self.delayed.items() if until < now]:
            del self.delayed[message_id]
        return len(self.delayed)


@dataclass(frozen=True)
class Reads:
    """What is read, and how.

    Attributes
    ----------
    delays_s
        Wait before the second, third … delivery; the last one for all later ones.
    """

    queue: str
    kind: QueueKind
    handler: Handler
    prefetch: int
    delays_s: Sequence[float]
    counts: Counts


class RabbitSubscription(Subscription):
    """Takes messages of one queue until it is cancelled.

    Parameters
    ----------
    prepare
        Makes the queue on a channel; called at every (re)connect.
    ended
        Called with this subscription when it reads no more.
    """

    def __init__(
        self,
        link: Link,
        reads: Reads,
        *,
        prepare: Callable[[AbstractChannel], Awaitable[AbstractQueue]],
        ended: Callable[[Subscription], None],
    ) -> None:
        self._link = link
        self.queue = reads.queue
        self._kind = reads.kind
        self._handler = reads.handler
        self._prefetch = reads.prefetch
        self._delays_s = reads.delays_s
        self._counts = reads.counts
        self._prepare = prepare
        self._ended = ended
        self._room = asyncio.Semaphore(reads.prefetch)
        self._handling: set[asyncio.Task[None]] = set()
        self._closing = False
        self._keeper: asyncio.Task[None] | None = None
        self._channel: AbstractChannel | None = None
        self._consuming: tuple[AbstractQueue, str] | None = None
        self._begun: asyncio.Future[None] = asyncio.Future()

    async def start(self) -> None:
        """Begin; raises what forbids it for good, waits for what passes."""
        self._keeper = asyncio.create_task(self._keep(), name=f"reads-{self.queue}")
        await self._begun

    @override
    async def cancel(self) -> None:
        self._closing = True
        if self._consuming is not None:
            queue, tag = self._consuming
            with contextlib.suppress(TimeoutError, *LOST_EXCEPTIONS):
                async with asyncio.timeout(5):
                    await queue.cancel(tag)
        while self._handling:  # one that was on its way may have come meanwhile
            await asyncio.wait(self._handling)
        await self._end()

    async def abandon(self) -> None:
        """Break off; handlers that run are cancelled, their messages stay."""
        self._closing = True
        for task in (*self._handling,):
            task.cancel()
        if self._handling:
            await asyncio.wait(self._handling)
        await self._end()

    async def flush(self) -> None:
        """Return once everything that RabbitMQ has sent us so far is in hand."""
        channel = self._channel
        if channel is not None and not channel.is_closed:
            with contextlib.suppress(*LOST_EXCEPTIONS):
                await channel.set_qos(prefetch_count=self._credit)
                await asyncio.sleep(0.001)

    @property
    def _credit(self) -> int:
        return self._prefetch + (_FLEETING_AHEAD if self._kind.fleeting else 0)

    async def _end(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if not self._begun.done():
            self._begun.cancel()
        self._ended(self)

    async def _keep(self) -> None:
        failures = 0
        while not self._closing:
            try:
                await self._read_until_lost()
                failures = 0
            except MuseError as error:
                if not self._begun.done():
                    self._begun.set_exception(error)
                    return
                log.exception("cannot read the queue, trying on", queue=self.queue)
            except (TimeoutError, *LOST_EXCEPTIONS) as error:
                log.warning(
                    "queue not read, trying on",
                    queue=self.queue,
                    detail=f"{type(error).__name__}: {error}",
                )
            finally:
                await self._close_channel()
            await asyncio.sleep(backoff_s(failures))
            failures += 1

    async def _read_until_lost(self) -> None:
        lost = asyncio.Event()

        def on_lost(*_: object) -> None:
            lost.set()

        connection = await self._link.connection()
        channel = self._channel = await connection.channel(publisher_confirms=False)
        channel.close_callbacks.add(on_lost)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(on_lost)  # the queue was deleted
        queue = await self._prepare(channel)
        await channel.set_qos(prefetch_count=self._credit)
        tag = await queue.consume(self._on_message)
        self._consuming = (queue, tag)
        if not self._begun.done():
            self._begun.set_result(None)
        _ = await lost.wait()

    async def _close_channel(self) -> None:
        channel, self._channel = self._channel, None
        self._consuming = None
        if channel is not None:
            with contextlib.suppress(TimeoutError, *LOST_EXCEPTIONS):
                async with asyncio.timeout(5):
                    await channel.close()

    async def _on_message(self, incoming: AbstractIncomingMessage) -> None:
        """Start a task that outlives the channel: a handler is not broken off."""
        task = asyncio.create_task(self._settle(incoming))
        self._handling.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._handling.discard)

    async def _settle(self, incoming: AbstractIncomingMessage) -> None:
        counts = self._counts
        counts.in_hand += 1
        counts.delayed.pop(incoming.message_id or "", None)
        try:
            async with self._room:
                await self._deliver(incoming)
        except (MuseError, TimeoutError, *LOST_EXCEPTIONS) as error:
            await self._give_back(incoming, error)
        finally:
            counts.in_hand -= 1

    async def _give_back(
        self, incoming: AbstractIncomingMessage, error: BaseException
    ) -> None:
        """Return what could neither be acknowledged nor put off."""
        log.warning(
            "message not settled, it comes again",
            queue=self.queue,
            message_id=incoming.message_id,
            detail=f"{type(error).__name__}: {error}",
        )
        await asyncio.sleep(self._delays_s[0])
        with contextlib.suppress(TimeoutError, *LOST_EXCEPTIONS):
            await incoming.nack(requeue=True)

    async def _deliver(self, incoming: AbstractIncomingMessage) -> None:
        delivery = Delivery(message_of(incoming), self.queue, attempt_of(incoming))
        while True:
            error = await self._attempt(delivery)
            if error is None:
                BROKER_MESSAGES.labels(self.queue, "done").inc()
                break
            again = is_transient(error) and delivery.attempt < self._kind.delivery_limit
            if not again:
                await self._give_up(delivery, error)
                break
            BROKER_MESSAGES.labels(self.queue, "retried").inc()
            if not self._kind.fleeting:
                await self._put_off(delivery)
                break
            await asyncio.sleep(self._delay_s(delivery.attempt))
            delivery = Delivery(delivery.message, self.queue, delivery.attempt + 1)
        await incoming.ack()

    async def _attempt(self, delivery: Delivery) -> Exception | None:
        if delivery.attempt > self._kind.delivery_limit:
            return DeliveredTooOften(
                f"Delivered {delivery.attempt - 1} times; its handlers died with it."
            )
        try:
            await attend(self._handler, delivery)
        except Exception as error:  # noqa: BLE001  every failure must be settled
            return error
        return None

    def _delay_s(self, attempt: int) -> float:
        return self._delays_s[min(attempt, len(self._delays_s)) - 1]

    async def _put_off(self, delivery: Delivery) -> None:
        """Publish to a waiting queue; the caller acknowledges after the confirm."""
        delay_s = self._delay_s(delivery.attempt)
        message_id = delivery.message.message_id
        until = asyncio.get_running_loop().time() + delay_s + _LATE_S
        self._counts.delayed[message_id] = until
        form = wire_form(delivery.message, tries=delivery.attempt)
        try:
            await self._link.publish(wait_name(delay_s), self.queue, form)
        except MuseError:
            self._counts.delayed.pop(message_id, None)
            raise

    async def _give_up(self, delivery: Delivery, error: Exception) -> None:
        message, attempts = delivery.message, delivery.attempt
        if isinstance(error, DeliveredTooOften):
            attempts -= 1  # this one the handler never saw
        if not self._kind.fleeting:
            form = dead_form(message, attempts, error)
            await self._link.publish(BACK, self.queue + DEAD, form)
            BROKER_DEAD_LETTERS.labels(self.queue).inc()
        BROKER_MESSAGES.labels(self.queue, "dead").inc()
        log.error(
            "message became a dead letter",
            queue=self.queue,
            message_id=message.message_id,
            routing_key=message.routing_key,
            correlation_id=message.headers.get("correlation_id"),
            attempts=attempts,
            code=error.code if isinstance(error, MuseError) else "internal_error",
            detail=str(error) or type(error).__name__,
            exc_info=error,
        )
