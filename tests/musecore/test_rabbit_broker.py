"""RabbitMQ fulfils the contract, and what happens to it loses nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
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
from tests.musecore.rabbit import (
    NAME,
    settled,
    started,
)

pytestmark = pytest.mark.real


class TestRabbitBroker(BrokerSuite):
    @pytest_asyncio.fixture
    async def broker(self, rabbit_url: str) -> AsyncIterator[RabbitBroker]:
        async with started(rabbit_url) as broker:
            yield broker


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
