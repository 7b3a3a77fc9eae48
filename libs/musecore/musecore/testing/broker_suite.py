# ruff: noqa: D102, ASYNC110  the names of tests are sentences; they wait by looking
"""The contract of `musecore.broker.Broker`, run on every implementation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import pytest

from musecore.broker import Broker, Delivery, Message, Unroutable
from musecore.errors import NotFound, Refused, Unavailable
from musecore.log import correlation_id
from musecore.times import uuid7

__all__ = ["BrokerSuite", "make_message", "until"]

NAME = "task.requested.v1"


def make_message(name: str = NAME, body: bytes = b"{}", **headers: str) -> Message:
    """Make a message with an id of its own."""
    return Message(str(uuid7()), name, body, headers)


async def until(
    condition: Callable[[], Awaitable[bool]], patience_s: float = 10.0
) -> None:
    """Wait until a condition holds; fails when it does not in time."""
    async with asyncio.timeout(patience_s):
        while not await condition():
            await asyncio.sleep(0.005)


class Heard:
    """A handler that keeps what it hears."""

    def __init__(self, *failures: Exception) -> None:
        self.deliveries: list[Delivery] = []
        self.failures = list(failures)

    async def __call__(self, delivery: Delivery) -> None:
        """Keep the delivery; fail as long as there are failures left."""
        self.deliveries.append(delivery)
        if self.failures:
            raise self.failures.pop(0)

    @property
    def bodies(self) -> list[bytes]:
        """Bodies in the order of their arrival."""
        return [delivery.message.body for delivery in self.deliveries]

    async def count(self, n: int) -> None:
        """Wait for `n` deliveries."""

        async def enough() -> bool:
            return len(self.deliveries) >= n

        await until(enough)


async def _refuse(_delivery: Delivery) -> NoReturn:
    raise Refused("This handler takes nothing.")


class BrokerSuite:
    """Subclass it, and give a fixture ``broker``: started, limit 5, short delays."""

    async def _settled(self, broker: Broker, queue: str) -> None:
        async def empty() -> bool:
            return await broker.depth(queue) == 0

        await until(empty)

    @pytest.mark.asyncio
    async def test_a_message_reaches_its_handler(self, broker: Broker) -> None:
        heard = Heard()
        await broker.subscribe("workers", [NAME], heard)
        message = make_message(body=b'{"task": 1}', traceparent="00-1")
        await broker.publish(message)
        await heard.count(1)
        assert heard.deliveries[0].message == message
        assert heard.deliveries[0].attempt == 1
        assert heard.deliveries[0].queue == "workers"
        await self._settled(broker, "workers")

    @pytest.mark.asyncio
    async def test_every_queue_gets_its_own_copy(self, broker: Broker) -> None:
        catalog, scheduler = Heard(), Heard()
        await broker.subscribe("catalog", ["task.finished.v1"], catalog)
        await broker.subscribe("scheduler", ["task.*.v1"], scheduler)
        await broker.publish(make_message("task.finished.v1", b"done"))
        await catalog.count(1)
        await scheduler.count(1)
        assert catalog.bodies == scheduler.bodies == [b"done"]

    @pytest.mark.asyncio
    async def test_consumers_of_one_queue_share_its_messages(
        self, broker: Broker
    ) -> None:
        one, two = Heard(), Heard()
        await broker.subscribe("workers", [NAME], one)
        await broker.subscribe("workers", [NAME], two)
        for n in range(20):
            await broker.publish(make_message(body=b"%d" % n))
        await self._settled(broker, "workers")
        assert sorted(map(int, one.bodies + two.bodies)) == list(range(20))

    @pytest.mark.asyncio
    async def test_messages_wait_in_a_queue_until_somebody_listens(
        self, broker: Broker
    ) -> None:
        await broker.declare("workers", [NAME])
        for n in range(3):
            await broker.publish(make_message(body=b"%d" % n))
        assert await broker.depth("workers") == 3
        heard = Heard()
        await broker.subscribe("workers", [NAME], heard)
        await heard.count(3)
        assert heard.bodies == [b"0", b"1", b"2"]

    @pytest.mark.asyncio
    async def test_a_message_that_no_queue_takes_is_not_lost_in_silence(
        self, broker: Broker
    ) -> None:
        await broker.declare("workers", [NAME])
        with pytest.raises(Unroutable, match=r"frame\.ingested\.v1"):
            await broker.publish(make_message("frame.ingested.v1"))

    @pytest.mark.asyncio
    async def test_a_transient_failure_is_delivered_again(self, broker: Broker) -> None:
        heard = Heard(Unavailable("No database."), ConnectionResetError("gone"))
        await broker.subscribe("workers", [NAME], heard)
        await broker.publish(make_message())
        await heard.count(3)
        assert [delivery.attempt for delivery in heard.deliveries] == [1, 2, 3]
        await self._settled(broker, "workers")
        assert await broker.dead_letters("workers") == []

    @pytest.mark.asyncio
    async def test_a_failing_message_does_not_hold_up_the_others(
        self, broker: Broker
    ) -> None:
        heard = Heard(Unavailable("No database."))
        await broker.subscribe("workers", [NAME], heard)
        await broker.publish(make_message(body=b"first"))
        await broker.publish(make_message(body=b"second"))
        await heard.count(3)
        assert heard.bodies == [b"first", b"second", b"first"]

    @pytest.mark.asyncio
    async def test_after_the_delivery_limit_a_message_is_a_dead_letter(
        self, broker: Broker
    ) -> None:
        heard = Heard(*[Unavailable("No database.") for _ in range(9)])
        await broker.subscribe("workers", [NAME], heard)
        message = make_message()
        await broker.publish(message)
        await self._settled(broker, "workers")
        assert len(heard.deliveries) == 5
        [letter] = await broker.dead_letters("workers")
        assert letter.message == message
        assert letter.attempts == 5
        assert letter.code == "unavailable"
        assert letter.detail == "No database."

    @pytest.mark.asyncio
    @pytest.mark.parametrize(
        ("error", "code"),
        [(Refused("No."), "refused"), (ValueError("bug"), "internal_error")],
    )
    async def test_a_failure_that_stays_makes_a_dead_letter_at_once(
        self, broker: Broker, error: Exception, code: str
    ) -> None:
        heard = Heard(error)
        await broker.subscribe("workers", [NAME], heard)
        await broker.publish(make_message())
        await self._settled(broker, "workers")
        [letter] = await broker.dead_letters("workers")
        assert (letter.code, letter.attempts) == (code, 1)
        assert len(heard.deliveries) == 1

    @pytest.mark.asyncio
    async def test_a_dead_letter_can_be_sent_again_or_dropped(
        self, broker: Broker
    ) -> None:
        heard = Heard(Refused("No."), Refused("No."))
        await broker.subscribe("workers", [NAME], heard)
        again, never = make_message(body=b"again"), make_message(body=b"never")
        await broker.publish(again)
        await broker.publish(never)
        await self._settled(broker, "workers")
        await broker.requeue_dead("workers", again.message_id)
        await broker.drop_dead("workers", never.message_id)
        await heard.count(3)
        assert heard.deliveries[-1].message.body == b"again"
        assert heard.deliveries[-1].attempt == 1
        assert await broker.dead_letters("workers") == []
        with pytest.raises(NotFound):
            await broker.drop_dead("workers", never.message_id)

    @pytest.mark.asyncio
    async def test_no_more_than_prefetch_handlers_run_at_a_time(
        self, broker: Broker
    ) -> None:
        running, most = 0, 0

        async def slow(_delivery: Delivery) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02)
            running -= 1

        await broker.subscribe("workers", [NAME], slow, prefetch=3)
        for _ in range(9):
            await broker.publish(make_message())
        await self._settled(broker, "workers")
        assert most == 3

    @pytest.mark.asyncio
    async def test_a_cancelled_subscription_finishes_what_it_has_and_takes_no_more(
        self, broker: Broker
    ) -> None:
        started, ended = asyncio.Event(), asyncio.Event()

        async def slow(_delivery: Delivery) -> None:
            started.set()
            await asyncio.sleep(0.05)
            ended.set()

        subscription = await broker.subscribe("workers", [NAME], slow)
        await broker.publish(make_message())
        await broker.publish(make_message())
        await started.wait()
        await subscription.cancel()
        assert ended.is_set()
        assert await broker.depth("workers") == 1

    @pytest.mark.asyncio
    async def test_a_handler_sees_the_correlation_id_of_the_message(
        self, broker: Broker
    ) -> None:
        seen: list[str | None] = []

        async def look(_delivery: Delivery) -> None:
            seen.append(correlation_id())

        await broker.subscribe("workers", [NAME], look)
        await broker.publish(make_message(correlation_id="night-17"))
        await self._settled(broker, "workers")
        assert seen == ["night-17"]

    @pytest.mark.asyncio
    async def test_declaring_twice_keeps_messages_and_adds_bindings(
        self, broker: Broker
    ) -> None:
        await broker.declare("workers", [NAME])
        await broker.publish(make_message())
        await broker.declare("workers", [NAME, "task.cancelled.v1"])
        await broker.publish(make_message("task.cancelled.v1"))
        assert await broker.depth("workers") == 2

    @pytest.mark.asyncio
    async def test_a_poisoned_queue_does_not_stop_the_other_queues(
        self, broker: Broker
    ) -> None:
        heard = Heard()
        await broker.subscribe("poisoned", [NAME], _refuse)
        await broker.subscribe("healthy", [NAME], heard)
        for _ in range(3):
            await broker.publish(make_message())
        await heard.count(3)
        await self._settled(broker, "poisoned")
        assert len(await broker.dead_letters("poisoned")) == 3
        assert await broker.dead_letters("healthy") == []
