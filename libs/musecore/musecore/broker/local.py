"""The broker inside this process, with a journal that survives ``kill -9``."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import override

from musecore.broker.attending import attend
from musecore.broker.contract import (
    Broker,
    DeadLetter,
    DeadLetterNotFound,
    DeliveredTooOften,
    Delivery,
    Handler,
    Message,
    QueueMismatch,
    Subscription,
    Topology,
    Unroutable,
    is_transient,
    matches,
)
from musecore.broker.journal import Entry, Journal, MemoryJournal, QueueJournal
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.telemetry import BROKER_DEAD_LETTERS, BROKER_MESSAGES
from musecore.times import utcnow

__all__ = ["LocalBroker", "growing_delay"]

log = get_logger(__name__)


def growing_delay(attempt: int) -> float:
    """Give the seconds to wait before delivery ``attempt + 1``: 0.2, 0.8 … 30."""
    return float(min(30.0, 0.2 * 4.0 ** (attempt - 1)))


@dataclass
class _Queue:
    name: str
    journal: QueueJournal
    fleeting: bool = False
    asked: bool | None = None  # what it was declared as; None: known by its journal
    names: set[str] = field(default_factory=set)
    ready: deque[Entry] = field(default_factory=deque)
    delayed: dict[int, asyncio.TimerHandle] = field(default_factory=dict)
    in_hand: set[int] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, entry: Entry) -> None:
        self.delayed.pop(entry.seq, None)
        self.ready.append(entry)
        self.news.set()

    async def take(self) -> Entry:
        while not self.ready:
            self.news.clear()
            await self.news.wait()
        entry = self.ready.popleft()
        self.in_hand.add(entry.seq)
        return entry


class LocalBroker(Broker):
    """A `Broker` in this process.

    Parameters
    ----------
    topology
        Queues that exist from the start, and routing keys nobody need hear.
    journal
        Folder that keeps every message not yet acknowledged, with its delivery
        count; None: in memory only. Safe against ``kill -9`` of the process, not
        against loss of power (files are not synced).
    delivery_limit
        Deliveries before a message becomes a dead letter.
    delay
        Seconds before a redelivery, by the number of the attempt that failed.
    fleeting_s
        A fleeting queue without a consumer vanishes after so many seconds.
    """

    def __init__(
        self,
        topology: Topology | None = None,
        *,
        journal: Path | None = None,
        delivery_limit: int = 5,
        delay: Callable[[int], float] = growing_delay,
        fleeting_s: float = 300.0,
    ) -> None:
        self._topology = Topology() if topology is None else topology
        self._journal = MemoryJournal() if journal is None else Journal(journal)
        self._limit = delivery_limit
        self._delay = delay
        self._fleeting_s = fleeting_s
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._queues: dict[str, _Queue] = {}
        self._subscriptions: set[_LocalSubscription] = set()

    @override
    async def start(self) -> None:
        for name, names in self._journal.queues().items():
            self._bind(name, names)
        for name, bound in self._topology.queues.items():
            self._bind(name, bound, fleeting=name in self._topology.fleeting)

    @override
    async def close(self) -> None:
        for subscription in list(self._subscriptions):
            await subscription.abandon()
        for queue in self._queues.values():
            for timer in queue.delayed.values():
                timer.cancel()
        for timer in self._expiries.values():
            timer.cancel()
        self._expiries.clear()
        self._queues.clear()

    @override
    async def declare(
        self, queue: str, names: Sequence[str], *, fleeting: bool = False
    ) -> None:
        self._bind(queue, names, fleeting=fleeting)
        self._expire_unless_read(queue)

    def _bind(
        self, name: str, names: Sequence[str], *, fleeting: bool | None = None
    ) -> _Queue:
        queue = self._queues.get(name)
        if queue is None:
            queue = self._make(name, fleeting=bool(fleeting))
        if fleeting is not None:
            if queue.asked not in (None, fleeting):
                kind = "fleeting" if queue.asked else "durable"
                raise QueueMismatch(f"The queue {name!r} exists and is {kind}.")
            queue.asked = fleeting
        if not queue.names.issuperset(names):
            queue.names.update(names)
            queue.journal.bind(sorted(queue.names))
        return queue

    def _make(self, name: str, *, fleeting: bool) -> _Queue:
        journal = MemoryJournal() if fleeting else self._journal
        queue = self._queues[name] = _Queue(name, journal.open(name), fleeting)
        queue.ready.extend(queue.journal.load())
        BROKER_DEAD_LETTERS.labels(name).set(len(list(queue.journal.dead())))
        return queue

    def _expire_unless_read(self, name: str) -> None:
        """Let a fleeting queue vanish some time after its last consumer."""
        queue = self._queues.get(name)
        if queue is None or not queue.fleeting:
            return
        if (timer := self._expiries.pop(name, None)) is not None:
            timer.cancel()
        if not any(one._queue is queue for one in self._subscriptions):
            loop = asyncio.get_running_loop()
            self._expiries[name] = loop.call_later(
                self._fleeting_s, self._queues.pop, name, None
            )

    @override
    async def publish(self, message: Message) -> None:
        key = message.routing_key
        takers = [
            queue
            for queue in self._queues.values()
            if any(matches(name, key) for name in queue.names)
        ]
        unheard = self._topology.unheard
        if not takers and not any(matches(name, key) for name in unheard):
            raise Unroutable(f"No queue takes messages named {key!r}.")
        for queue in takers:
            queue.put(queue.journal.add(message))

    @override
    async def subscribe(
        self,
        queue: str,
        names: Sequence[str],
        handler: Handler,
        *,
        prefetch: int = 1,
        fleeting: bool = False,
    ) -> Subscription:
        found = self._bind(queue, names, fleeting=fleeting)
        subscription = _LocalSubscription(self, found, handler)
        self._subscriptions.add(subscription)
        self._expire_unless_read(queue)
        subscription.start(prefetch)
        return subscription

    @override
    async def depth(self, queue: str) -> int:
        found = self._queues.get(queue)
        if found is None:
            return 0
        return len(found.ready) + len(found.delayed) + len(found.in_hand)

    @override
    async def dead_letters(self, queue: str) -> list[DeadLetter]:
        return list(self._journal.open(queue).dead())

    @override
    async def requeue_dead(self, queue: str, *message_ids: str) -> None:
        found = self._bind(queue, ())

        def again(letter: DeadLetter) -> None:
            found.put(found.journal.add(letter.message))

        self._take_dead(queue, message_ids, again)

    @override
    async def drop_dead(self, queue: str, *message_ids: str) -> None:
        self._take_dead(queue, message_ids, lambda _letter: None)

    def _take_dead(
        self,
        queue: str,
        message_ids: Sequence[str],
        act: Callable[[DeadLetter], None],
    ) -> None:
        journal = self._journal.open(queue)
        there = {one.message.message_id: one for one in journal.dead()}
        for message_id in message_ids:
            if message_id in there:
                act(there[message_id])  # first: a crash now gives it twice
                journal.take_dead(message_id)
                BROKER_DEAD_LETTERS.labels(queue).dec()
        if missing := [one for one in message_ids if one not in there]:
            raise DeadLetterNotFound(
                f"Queue {queue!r} has no dead letter with message id "
                f"{', '.join(missing)}."
            )

    def _settle(self, queue: _Queue, entry: Entry, error: Exception | None) -> None:
        """Acknowledge, put back or give up, by how the handler ended."""
        queue.in_hand.discard(entry.seq)
        if error is None:
            BROKER_MESSAGES.labels(queue.name, "done").inc()
            queue.journal.remove(entry)
        elif is_transient(error) and entry.attempt < self._limit:
            BROKER_MESSAGES.labels(queue.name, "retried").inc()
            wait_s = self._delay(entry.attempt)
            loop = asyncio.get_running_loop()
            queue.delayed[entry.seq] = loop.call_later(wait_s, queue.put, entry)
        else:
            self._give_up(queue, entry, error)

    def _give_up(self, queue: _Queue, entry: Entry, error: Exception) -> None:
        code = error.code if isinstance(error, MuseError) else "internal_error"
        detail = str(error) or type(error).__name__
        letter = DeadLetter(
            entry.message, queue.name, entry.attempt, code, detail, utcnow()
        )
        if queue.fleeting:
            queue.journal.remove(entry)
        else:
            queue.journal.bury(entry, letter)
            BROKER_DEAD_LETTERS.labels(queue.name).inc()
        BROKER_MESSAGES.labels(queue.name, "dead").inc()
        log.error(
            "message became a dead letter",
            queue=queue.name,
            message_id=entry.message.message_id,
            routing_key=entry.message.routing_key,
            correlation_id=entry.message.headers.get("correlation_id"),
            attempts=entry.attempt,
            code=code,
            detail=detail,
            exc_info=error,
        )


class _LocalSubscription(Subscription):
    def __init__(self, broker: LocalBroker, queue: _Queue, handler: Handler) -> None:
        self._broker = broker
        self._queue = queue
        self._handler = handler
        self._workers: list[asyncio.Task[None]] = []
        self._idle: set[asyncio.Task[None]] = set()
        self._closing = False

    def start(self, prefetch: int) -> None:
        for n in range(prefetch):
            name = f"{self._queue.name}-{n}"
            self._workers.append(asyncio.create_task(self._work(), name=name))

    @override
    async def cancel(self) -> None:
        self._closing = True
        for worker in self._idle.copy():
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._broker._subscriptions.discard(self)
        self._broker._expire_unless_read(self._queue.name)

    async def abandon(self) -> None:
        """Break off; handlers that run are cancelled, their messages stay."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._broker._subscriptions.discard(self)

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        while not self._closing:
            self._idle.add(task)
            entry = await self._queue.take()
            self._idle.discard(task)
            await self._deliver(entry)

    async def _deliver(self, entry: Entry) -> None:
        queue = self._queue
        entry = queue.journal.count(entry)
        if entry.attempt > self._broker._limit:
            over = DeliveredTooOften(
                f"Delivered {self._broker._limit} times; its handlers died with it."
            )
            self._broker._settle(queue, entry, over)
            return
        error: Exception | None = None
        try:
            delivery = Delivery(entry.message, queue.name, entry.attempt)
            await attend(self._handler, delivery)
        except asyncio.CancelledError:
            queue.in_hand.discard(entry.seq)
            queue.put(entry)
            raise
        except Exception as failure:  # noqa: BLE001  every failure must be settled
            error = failure
        self._broker._settle(queue, entry, error)
