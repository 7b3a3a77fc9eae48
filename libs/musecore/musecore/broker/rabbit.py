"""The broker of a fleet: RabbitMQ's quorum queues, confirms and dead letters."""

from collections import defaultdict
from collections.abc import Sequence

from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity
from typing_extensions import override

from musecore.broker.contract import (
    Broker,
    DeadLetter,
    Handler,
    Message,
    QueueMismatch,
    Subscription,
    Topology,
    Unroutable,
    matches,
)
from musecore.broker.rabbit_dead import Graves
from musecore.broker.rabbit_link import Link
from musecore.broker.rabbit_reading import Counts, RabbitSubscription, Reads
from musecore.broker.rabbit_wire import (
    DEAD,
    EXCHANGE,
    QueueKind,
    declare_house,
    declare_queue,
    wire_form,
)
from musecore.rounds import Rounds
from musecore.telemetry import BROKER_DEAD_LETTERS

__all__ = ["RabbitBroker"]

DELAYS_S = (0.2, 0.8, 3.2, 12.8)


class RabbitBroker(Broker):
    """A `Broker` on RabbitMQ 3.10 or newer.

    Parameters
    ----------
    url
        ``amqp://user:password@host:port/vhost``, ``amqps://`` for TLS.
    topology
        Queues that are declared and checked at the start, and routing keys nobody
        need hear.
    delivery_limit
        Deliveries before a message becomes a dead letter. All processes must agree.
    delays_s
        Seconds before the second, third … delivery.
    patience_s
        How long a caller waits for a connection or a confirm.
    look_s
        Seconds between two counts of dead letters, which others take out too.
    """

    def __init__(
        self,
        url: str,
        topology: Topology | None = None,
        *,
        delivery_limit: int = 5,
        delays_s: Sequence[float] = DELAYS_S,
        patience_s: float = 10.0,
        look_s: float = 15.0,
        name: str = "musewise",
    ) -> None:
        self._topology = Topology() if topology is None else topology
        self._limit = delivery_limit
        self._delays_s = list(delays_s)
        self._keys: defaultdict[str, set[str]] = defaultdict(set)
        self._fleeting: set[str] = set()
        self._made: dict[str, frozenset[str]] = {}
        self._counts: defaultdict[str, Counts] = defaultdict(Counts)
        self._subscriptions: dict[Subscription, RabbitSubscription] = {}
        self._link = Link(url, self._prepare, patience_s=patience_s, name=name)
        self._graves = Graves(self._link)
        self._watcher = Rounds("dead-letters", self._count_dead, every_s=look_s)

    @override
    async def start(self) -> None:
        for queue, names in self._topology.queues.items():
            self._note(queue, names, fleeting=queue in self._topology.fleeting)
        await self._link.start()
        await self._watcher.start()

    @override
    async def close(self) -> None:
        await self._watcher.stop()
        for subscription in list(self._subscriptions.values()):
            await subscription.abandon()
        await self._link.stop()

    async def _prepare(self, channel: AbstractChannel) -> None:
        """Make what is missing, at every connect: the broker may be a new one."""
        self._made.clear()
        await declare_house(channel, self._delays_s)
        for queue in list(self._keys):
            if queue not in self._fleeting:
                await self._make(channel, queue)

    async def _count_dead(self) -> None:
        for queue in set(self._keys) - self._fleeting:
            BROKER_DEAD_LETTERS.labels(queue).set(await self._ready(queue + DEAD))

    async def _make(self, channel: AbstractChannel, queue: str) -> AbstractQueue:
        keys = frozenset(self._keys[queue])
        made, dead = await declare_queue(channel, queue, keys, self._kind(queue))
        self._made[queue] = keys
        BROKER_DEAD_LETTERS.labels(queue).set(dead)
        return made

    def _note(self, queue: str, names: Sequence[str], *, fleeting: bool) -> None:
        if fleeting:
            self._fleeting.add(queue)
        self._keys[queue].update(names)

    def _is_made(self, queue: str) -> bool:
        """Whether this connection has made a queue that stays, with these bindings."""
        kept = queue not in self._fleeting
        return kept and self._made.get(queue) == frozenset(self._keys[queue])

    def _kind(self, queue: str) -> QueueKind:
        return QueueKind(self._limit, fleeting=queue in self._fleeting)

    @override
    async def declare(
        self, queue: str, names: Sequence[str], *, fleeting: bool = False
    ) -> None:
        self._note(queue, names, fleeting=fleeting)
        if self._is_made(queue):
            return
        try:
            await self._link.patiently(lambda channel: self._make(channel, queue))
        except QueueMismatch:
            self._keys.pop(queue)  # else the next connect breaks on it
            raise

    @override
    async def publish(self, message: Message) -> None:
        key = message.routing_key
        try:
            await self._link.publish(EXCHANGE, key, wire_form(message))
        except Unroutable:
            if not any(matches(name, key) for name in self._topology.unheard):
                raise

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
        await self.declare(queue, names, fleeting=fleeting)
        trusted = self._is_made(queue)  # workers come and go often; once is enough

        async def prepare(channel: AbstractChannel) -> AbstractQueue:
            nonlocal trusted
            if trusted and self._is_made(queue):
                trusted = False
                return await channel.get_queue(queue, ensure=False)
            return await self._make(channel, queue)

        reads = Reads(
            queue,
            self._kind(queue),
            handler,
            prefetch,
            self._delays_s,
            self._counts[queue],
        )
        subscription = RabbitSubscription(
            self._link, reads, prepare=prepare, ended=self._forget
        )
        self._subscriptions[subscription] = subscription
        try:
            await subscription.start()
        except BaseException:
            await subscription.cancel()
            raise
        return subscription

    def _forget(self, subscription: Subscription) -> None:
        self._subscriptions.pop(subscription, None)

    @override
    async def depth(self, queue: str) -> int:
        """Count what waits in RabbitMQ, and what this process has or put off.

        What other processes have in hand is seen by RabbitMQ only (its management
        pages, ``rabbitmqctl list_queues name messages_unacknowledged``).
        """
        ready = await self._ready(queue)
        for subscription in list(self._subscriptions.values()):
            if subscription.queue == queue:
                await subscription.flush()
        counts = self._counts[queue]
        return ready + counts.in_hand + counts.waiting()

    async def _ready(self, queue: str) -> int:
        async with self._link.channel() as channel:
            try:
                found = await channel.declare_queue(queue, passive=True)
            except ChannelNotFoundEntity:
                return 0
            return found.declaration_result.message_count or 0

    @override
    async def dead_letters(self, queue: str) -> list[DeadLetter]:
        return await self._graves.letters(queue)

    @override
    async def requeue_dead(self, queue: str, *message_ids: str) -> None:
        await self._graves.requeue(queue, set(message_ids))
        BROKER_DEAD_LETTERS.labels(queue).dec(len(message_ids))

    @override
    async def drop_dead(self, queue: str, *message_ids: str) -> None:
        await self._graves.drop(queue, set(message_ids))
        BROKER_DEAD_LETTERS.labels(queue).dec(len(message_ids))
