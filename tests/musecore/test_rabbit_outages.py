"""What is said over RabbitMQ outlives its restarts, cuts and the death of readers."""

import asyncio
import contextlib

import pytest

from musecore.broker import (
    BrokerUnavailable,
    Delivery,
)
from musecore.errors import Refused, Unavailable
from musecore.testing.broker_suite import Heard, make_message, until
from musecore.testing.rabbit import PrivateRabbit
from tests.musecore.rabbit import (
    NAME,
    break_while_busy,
    publish_until_taken,
    settled,
    started,
)

pytestmark = pytest.mark.real


@pytest.mark.asyncio
async def test_a_broker_stopped_and_started_under_load_loses_nothing(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    def restart() -> None:
        rabbit.stop()
        rabbit.start()

    heard = await break_while_busy(rabbit_url, restart)
    assert heard == {b"%d" % i for i in range(300)}


@pytest.mark.asyncio
async def test_a_broker_killed_under_load_loses_nothing(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    def crash() -> None:
        rabbit.kill()
        rabbit.start()

    async with started(rabbit_url) as broker:
        await broker.declare("workers", [NAME])
    await asyncio.sleep(3)  # a queue just declared may not survive kill -9 in 3.10
    heard = await break_while_busy(rabbit_url, crash)
    assert heard == {b"%d" % i for i in range(300)}


@pytest.mark.asyncio
async def test_a_publish_during_an_outage_fails_soon_and_may_be_tried_again(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    async with started(rabbit_url, patience_s=0.5) as broker:
        await broker.declare("workers", [NAME])
        await asyncio.to_thread(rabbit.stop)
        try:
            with pytest.raises(BrokerUnavailable, match="does not answer") as caught:
                await broker.publish(make_message())
            assert caught.value.transient
        finally:
            await asyncio.to_thread(rabbit.start)
        await publish_until_taken(broker, b"{}")

        async def one_waits() -> bool:
            with contextlib.suppress(BrokerUnavailable):
                return await broker.depth("workers") >= 1
            return False

        await until(one_waits, 20)


async def cut(rabbit: PrivateRabbit, name: str) -> None:
    """Cut a connection off; the management pages see it a little late."""

    async def was_cut() -> bool:
        return await asyncio.to_thread(rabbit.close_connections, name) > 0

    await until(was_cut, 30)


@pytest.mark.asyncio
async def test_a_connection_lost_in_a_handler_gives_the_message_again(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    attempts: list[int] = []
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slow(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        in_hand.set()
        await go_on.wait()

    async with started(rabbit_url, name="cut-me") as broker:
        await broker.subscribe("workers", [NAME], slow)
        await broker.publish(make_message())
        await in_hand.wait()
        await cut(rabbit, "cut-me")
        go_on.set()

        async def twice() -> bool:
            return len(attempts) == 2

        await until(twice, 20)
        await settled(broker, "workers")
    assert attempts == [1, 2]


@pytest.mark.asyncio
async def test_a_handler_that_outlives_its_connection_still_counts_for_prefetch(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    running, most = 0, 0
    go_on = asyncio.Event()

    async def slow(_delivery: Delivery) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1

    async with started(rabbit_url, name="cut-me-too") as broker:
        await broker.subscribe("workers", [NAME], slow)
        await broker.publish(make_message())
        await broker.publish(make_message())
        await cut(rabbit, "cut-me-too")
        await asyncio.sleep(0.5)
        go_on.set()
        await settled(broker, "workers")
    assert most == 1


@pytest.mark.asyncio
async def test_a_message_whose_process_dies_each_time_is_a_dead_letter(
    rabbit_url: str,
) -> None:
    in_hand = asyncio.Event()

    async def forever(_delivery: Delivery) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    async with started(rabbit_url) as broker:
        await broker.declare("workers", [NAME])
        await broker.publish(make_message(f"{NAME}", b"poison", note="kept"))
    for _ in range(5):  # closing with a message in hand is what a death looks like
        in_hand.clear()
        async with started(rabbit_url) as broker:
            await broker.subscribe("workers", [NAME], forever)
            await asyncio.wait_for(in_hand.wait(), 10)
    async with started(rabbit_url) as broker:

        async def given_up() -> bool:
            return bool(await broker.dead_letters("workers"))

        await broker.subscribe("workers", [NAME], forever)
        await until(given_up)
        [letter] = await broker.dead_letters("workers")
        assert letter.code == "delivered_too_often"
        assert letter.attempts == 5
        assert letter.message.body == b"poison"
        assert letter.message.routing_key == NAME
        assert letter.message.headers == {"note": "kept"}


@pytest.mark.asyncio
async def test_deaths_and_failures_count_together(rabbit_url: str) -> None:
    in_hand = asyncio.Event()

    async def forever(_delivery: Delivery) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    async with started(rabbit_url) as broker:
        await broker.subscribe("workers", [NAME], forever)
        await broker.publish(make_message())
        await asyncio.wait_for(in_hand.wait(), 10)
    async with started(rabbit_url) as broker:
        heard = Heard(*[Unavailable("No database.") for _ in range(9)])
        await broker.subscribe("workers", [NAME], heard)
        await settled(broker, "workers")
        assert [one.attempt for one in heard.deliveries] == [2, 3, 4, 5]
        [letter] = await broker.dead_letters("workers")
        assert (letter.code, letter.attempts) == ("unavailable", 5)


@pytest.mark.asyncio
async def test_dead_letters_outlive_the_broker_and_looking_at_them(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    async def refuse(_delivery: Delivery) -> None:
        raise Refused("No.")

    async with started(rabbit_url) as broker:
        reading = await broker.subscribe("workers", [NAME], refuse)
        for n in range(30):
            await broker.publish(make_message(body=b"%d" % n))
        await settled(broker, "workers")
        await reading.cancel()
        for _ in range(25):  # RabbitMQ 4 drops at the 20th return, unless told not to
            assert len(await broker.dead_letters("workers")) == 30
    await asyncio.to_thread(rabbit.stop)
    await asyncio.to_thread(rabbit.start)
    async with started(rabbit_url) as broker:
        letters = await broker.dead_letters("workers")
        assert [one.message.body for one in letters] == [b"%d" % n for n in range(30)]
        ids = [one.message.message_id for one in letters]
        await broker.requeue_dead("workers", *ids[:20])
        await broker.drop_dead("workers", *ids[20:])
        assert await broker.dead_letters("workers") == []
        assert await broker.depth("workers") == 20
