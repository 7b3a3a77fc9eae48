"""RabbitMQ fulfils the contract, and what happens to it loses nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aio_pika
import pytest
import pytest_asyncio

from musecore.broker import (
    BrokerForbidden,
    BrokerUnavailable,
    Delivery,
    QueueMismatch,
    RabbitBroker,
    Topology,
    Unroutable,
)
from musecore.errors import MuseError, Refused, Unavailable
from musecore.telemetry import REGISTRY
from musecore.testing import BrokerSuite
from musecore.testing.broker_suite import Heard, make_message, until
from musecore.testing.rabbit import PrivateRabbit

pytestmark = pytest.mark.real

NAME = "task.requested.v1"


class TestRabbitBroker(BrokerSuite):
    @pytest_asyncio.fixture
    async def broker(self, rabbit_url: str) -> AsyncIterator[RabbitBroker]:
        async with started(rabbit_url) as broker:
            yield broker


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


@pytest.mark.asyncio
async def test_a_thousand_messages_are_confirmed_while_all_are_in_flight(
    rabbit_url: str,
) -> None:
    async with started(rabbit_url) as broker:
        await broker.declare("workers", [NAME])
        messages = [make_message(body=b"x" * 800) for _ in range(1000)]
        await asyncio.gather(*(broker.publish(one) for one in messages))
        assert await broker.depth("workers") == 1000


@pytest.mark.asyncio
async def test_an_unroutable_message_among_many_is_the_only_one_refused(
    rabbit_url: str,
) -> None:
    async with started(rabbit_url, Topology(unheard=["task.state.*"])) as broker:
        await broker.declare("workers", [NAME])
        names = [NAME, "frame.sung.v9", "task.state.v1", NAME]
        answers = await asyncio.gather(
            *(broker.publish(make_message(name)) for name in names),
            return_exceptions=True,
        )
        assert [type(one) for one in answers] == [
            type(None),
            Unroutable,
            type(None),
            type(None),
        ]


@pytest.mark.asyncio
async def test_a_queue_that_exists_otherwise_is_refused_with_what_to_do(
    rabbit_url: str,
) -> None:
    async with started(rabbit_url) as broker:
        await broker.declare("workers", [NAME])
    async with started(rabbit_url, delivery_limit=7) as other:
        with pytest.raises(QueueMismatch, match=r"'workers'.*delete_queue"):
            await other.declare("workers", [NAME])
        await other.declare("healthy", [NAME])
    with pytest.raises(QueueMismatch):
        async with started(rabbit_url, Topology({"workers": [NAME]}), delivery_limit=7):
            pass


@pytest.mark.asyncio
async def test_a_wrong_password_is_said_to_be_so_at_once(rabbit_url: str) -> None:
    at = urlsplit(rabbit_url)
    url = at._replace(netloc=f"test:wrong@127.0.0.1:{at.port}").geturl()
    with pytest.raises(BrokerForbidden, match="refuses user 'test'") as caught:
        async with started(url):
            pass
    assert "wrong" not in str(caught.value)


@pytest.mark.asyncio
async def test_a_virtual_host_that_is_not_there_is_named(rabbit_url: str) -> None:
    url = urlsplit(rabbit_url)._replace(path="/nowhere").geturl()
    with pytest.raises(BrokerUnavailable, match="virtual host '/nowhere'"):
        async with started(url, patience_s=1):
            pass


@pytest.mark.asyncio
async def test_a_broker_that_is_not_there_is_said_to_be_so(
    rabbit_url: str,
) -> None:
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1 does not answer"):
        async with started("amqp://test:test@127.0.0.1:1/", patience_s=0.5):
            pass


@pytest.mark.asyncio
async def test_a_queue_deleted_under_its_reader_is_made_again(rabbit_url: str) -> None:
    async with started(rabbit_url) as broker:
        heard = Heard()
        await broker.subscribe("workers", [NAME], heard)
        async with await aio_pika.connect(rabbit_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete("workers")

        async def taken() -> bool:
            with contextlib.suppress(MuseError):
                await broker.publish(make_message())
                return True
            return False

        await until(taken)
        await heard.count(1)


@pytest.mark.asyncio
async def test_a_queue_deleted_between_two_readers_is_made_again(
    rabbit_url: str,
) -> None:
    async with started(rabbit_url) as broker:
        await (await broker.subscribe("workers", [NAME], Heard())).cancel()
        async with await aio_pika.connect(rabbit_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete("workers")
        heard = Heard()
        await broker.subscribe("workers", [NAME], heard)
        await broker.publish(make_message())
        await heard.count(1)


@pytest.mark.asyncio
async def test_a_reader_that_comes_again_hears_more_names(rabbit_url: str) -> None:
    async with started(rabbit_url) as broker:
        await (await broker.subscribe("workers", [], Heard())).cancel()
        heard = Heard()
        await broker.subscribe("workers", [NAME], heard)
        await broker.publish(make_message())
        await heard.count(1)


@pytest.mark.asyncio
async def test_a_fleeting_queue_is_no_quorum_queue_and_keeps_no_dead_letters(
    rabbit: PrivateRabbit, rabbit_url: str
) -> None:
    async with started(rabbit_url) as broker:
        heard = Heard(Unavailable("Not now."), Refused("No."))
        await broker.subscribe("worker.w1.cancelled", [NAME], heard, fleeting=True)
        await broker.publish(make_message())
        await settled(broker, "worker.w1.cancelled")
        assert [one.attempt for one in heard.deliveries] == [1, 2]
        assert await broker.dead_letters("worker.w1.cancelled") == []
        vhost = urlsplit(rabbit_url).path[1:]
        queues = await asyncio.to_thread(rabbit.ask, "GET", f"queues/{vhost}")
        [found] = [one for one in queues if one["name"] == "worker.w1.cancelled"]
        assert found["arguments"] == {"x-expires": 300_000}
        assert not [one for one in queues if one["name"].endswith("cancelled.dead")]


@pytest.mark.asyncio
async def test_a_message_put_off_whose_queue_is_gone_is_kept_as_lost(
    rabbit_url: str,
) -> None:
    async with started(rabbit_url) as broker:
        gone = asyncio.Event()

        async def fail(_delivery: Delivery) -> None:
            async with await aio_pika.connect(rabbit_url) as connection:
                channel = await connection.channel()
                await channel.queue_delete("workers")
            gone.set()
            raise Unavailable("Not now.")

        reading = await broker.subscribe("workers", [NAME], fail)
        await broker.publish(make_message(body=b"homeless"))
        await gone.wait()
        await reading.cancel()

        async def kept() -> bool:
            return (
                await broker.depth("musewise.lost") + await broker.depth("workers") > 0
            )

        await until(kept)


@pytest.mark.asyncio
async def test_dead_letters_that_another_process_takes_out_are_counted_no_more(
    rabbit_url: str,
) -> None:
    def counted() -> float | None:
        return REGISTRY.get_sample_value(
            "musewise_broker_dead_letters", {"queue": "given-up"}
        )

    async def are(n: float) -> bool:
        return counted() == n

    topology = Topology({"given-up": [NAME]})
    async with started(rabbit_url, topology, look_s=0.05) as service:
        reading = await service.subscribe("given-up", [], Heard(Refused("No.")))
        message = make_message()
        await service.publish(message)
        await until(lambda: are(1))
        async with started(rabbit_url) as person:
            await person.drop_dead("given-up", message.message_id)
        await until(lambda: are(0))
        await reading.cancel()
