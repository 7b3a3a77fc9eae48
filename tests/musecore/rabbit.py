"""Brokers on a private RabbitMQ, and what breaks them while they are busy."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from musecore.broker import (
    BrokerUnavailable,
    Delivery,
    RabbitBroker,
    Topology,
)
from musecore.testing.broker_suite import make_message, until

NAME = "task.requested.v1"


@asynccontextmanager
async def started(
    url: str,
    topology: Topology | None = None,
    *,
    name: str = "musewise",
    patience_s: float = 10.0,
    delivery_limit: int = 5,
    look_s: float = 15.0,
) -> AsyncIterator[RabbitBroker]:
    broker = RabbitBroker(
        url,
        topology,
        delays_s=[0.01],
        look_s=look_s,
        name=name,
        patience_s=patience_s,
        delivery_limit=delivery_limit,
    )
    await broker.start()
    try:
        yield broker
    finally:
        await broker.close()


async def settled(broker: RabbitBroker, queue: str) -> None:
    async def empty() -> bool:
        return await broker.depth(queue) == 0

    await until(empty, 30)


async def publish_until_taken(broker: RabbitBroker, body: bytes) -> None:
    """Do as the outbox does: try until the broker has it."""
    message = make_message(body=body)
    while True:
        with contextlib.suppress(BrokerUnavailable):
            await broker.publish(message)
            return


async def break_while_busy(
    url: str, breaks: Callable[[], None], *, n: int = 300
) -> set[bytes]:
    """Publish and read `n` messages while something breaks; give what was heard."""
    heard: set[bytes] = set()

    async def note(delivery: Delivery) -> None:
        await asyncio.sleep(0.002)
        heard.add(delivery.message.body)

    async with started(url, patience_s=2) as broker:
        await broker.subscribe("workers", [NAME], note, prefetch=10)
        first = [publish_until_taken(broker, b"%d" % i) for i in range(n // 2)]
        half = asyncio.gather(*first)
        await asyncio.sleep(0.05)
        broken = asyncio.create_task(asyncio.to_thread(breaks))
        for i in range(n // 2, n):
            await publish_until_taken(broker, b"%d" % i)
        await half
        await broken

        async def all_heard() -> bool:
            return len(heard) == n

        await until(all_heard, 60)
        assert await broker.dead_letters("workers") == []
    return heard
