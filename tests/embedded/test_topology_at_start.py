"""Every service makes the queues of the fleet at its start, and refuses a wrong one."""

import asyncio
from contextlib import asynccontextmanager

import aio_pika
import pytest

from musecore.broker import RabbitBroker, fleet_topology
from musecore.messages import TaskFailed
from musecore.testing.broker_suite import make_message
from tests.support.processes import Process

pytestmark = [pytest.mark.real, pytest.mark.asyncio]


@asynccontextmanager
async def catalog(databases, broker_url, folder):
    """A catalogue as a process, not yet started."""
    async with databases.url(("catalog", "muse_catalog")) as url:
        settings = {
            "database_url": url,
            "broker_url": broker_url,
            "auth_url": "http://127.0.0.1:9",
        }
        process = Process("catalog", "catalog", folder, settings)
        try:
            yield process
        finally:
            process.kill()


async def test_what_is_said_before_a_service_was_ever_started_waits_for_it(
    databases, rabbit_url, tmp_path
):
    async with catalog(databases, rabbit_url, tmp_path) as service:
        await asyncio.to_thread(service.start)
        broker = RabbitBroker(rabbit_url)
        await broker.start()
        try:
            await broker.publish(make_message(TaskFailed.name))
            assert await broker.depth("scheduler.tasks") == 1
        finally:
            await broker.close()


@pytest.mark.parametrize("queue", ["catalog", "scheduler.tasks"])
async def test_a_queue_of_another_kind_is_refused_by_name_with_what_to_do(
    databases, rabbit_url, tmp_path, queue
):
    assert queue in fleet_topology().queues
    async with await aio_pika.connect(rabbit_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue(queue, durable=True)  # no quorum queue
    async with catalog(databases, rabbit_url, tmp_path) as service:
        with pytest.raises(AssertionError, match="ended with 1"):
            await asyncio.to_thread(service.start)
        log = service.log.read_text()
    assert f"The queue '{queue}' exists with other arguments" in log
    assert "rabbitmqctl delete_queue" in log
