"""A folder of an older version: its queues that nobody hears any more."""

import asyncio

import pytest

from muse_embedded.server import _retire_old_queues
from musecore.broker import LocalBroker
from musecore.testing.broker_suite import make_message


@pytest.mark.asyncio
async def test_a_queue_of_an_older_version_holds_and_gathers_no_messages(tmp_path):
    old = LocalBroker(journal=tmp_path)
    await old.start()
    await old.declare("worker", ["task.requested.v1.#"])
    await old.declare("scheduler.tasks", ["task.finished.v1"])
    await old.publish(make_message("task.requested.v1.small"))
    await old.publish(make_message("task.finished.v1"))
    await old.close()
    await asyncio.to_thread(_retire_old_queues, tmp_path)
    new = LocalBroker(journal=tmp_path)
    await new.start()
    await new.declare("worker.small", ["task.requested.v1.small"])
    await new.publish(make_message("task.requested.v1.small"))
    assert await new.depth("worker") == 0
    assert await new.depth("worker.small") == 1
    assert await new.depth("scheduler.tasks") == 1
    await new.close()
