"""The broker in this process fulfils the contract, and its journal survives."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from musecore.broker import (
    Delivery,
    LocalBroker,
    Message,
    MessageUnparseable,
    QueueMismatch,
    Topology,
    Unroutable,
    matches,
)
from musecore.broker.local import growing_delay
from musecore.errors import Refused, Unavailable
from musecore.messages import FileUnwanted
from musecore.outbox import envelope_of
from musecore.testing import BrokerSuite
from musecore.testing.broker_suite import Heard, make_message, until
from musecore.times import uuid7

NAME = "task.requested.v1"


def brief_delay(_attempt: int) -> float:
    return 0.01


class TestLocalBroker(BrokerSuite):
    @pytest_asyncio.fixture
    async def broker(self) -> AsyncIterator[LocalBroker]:
        broker = LocalBroker(delay=brief_delay)
        await broker.start()
        yield broker
        await broker.close()


class TestLocalBrokerWithJournal(BrokerSuite):
    @pytest_asyncio.fixture
    async def broker(self, tmp_path: Path) -> AsyncIterator[LocalBroker]:
        broker = LocalBroker(journal=tmp_path / "journal", delay=brief_delay)
        await broker.start()
        yield broker
        await broker.close()


async def started(journal: Path | None = None) -> LocalBroker:
    broker = LocalBroker(journal=journal, delay=brief_delay)
    await broker.start()
    return broker


@pytest.mark.asyncio
async def test_unacknowledged_messages_and_bindings_outlive_the_broker(
    tmp_path: Path,
) -> None:
    first = await started(tmp_path)
    await first.declare("workers", [NAME])
    messages = [make_message(body=b"%d" % n) for n in range(3)]
    for message in messages:
        await first.publish(message)
    await first.close()

    second = await started(tmp_path)
    await second.publish(make_message(body=b"3"))
    heard = Heard()
    await second.subscribe("workers", [], heard)
    await heard.count(4)
    assert heard.bodies == [b"0", b"1", b"2", b"3"]
    assert [delivery.message for delivery in heard.deliveries[:3]] == messages
    await second.close()

    third = await started(tmp_path)
    assert await third.depth("workers") == 0
    await third.close()


@pytest.mark.asyncio
async def test_a_delayed_message_outlives_the_broker_with_its_count(
    tmp_path: Path,
) -> None:
    first = LocalBroker(journal=tmp_path, delay=lambda _attempt: 3600)
    await first.start()
    heard = Heard(Unavailable("No database."))
    await first.subscribe("workers", [NAME], heard)
    await first.publish(make_message())
    await heard.count(1)
    await asyncio.sleep(0)
    await first.close()

    second = await started(tmp_path)
    await second.subscribe("workers", [NAME], heard)
    await heard.count(2)
    assert heard.deliveries[1].attempt == 2
    await second.close()


@pytest.mark.asyncio
async def test_dead_letters_outlive_the_broker(tmp_path: Path) -> None:
    first = await started(tmp_path)
    await first.subscribe("workers", [NAME], Heard(Refused("No.", hint="Never.")))
    message = make_message(body=b'{"task":\n1}')
    await first.publish(message)

    async def dead() -> bool:
        return len(await first.dead_letters("workers")) == 1

    await until(dead)
    await first.close()
    second = await started(tmp_path)
    [letter] = await second.dead_letters("workers")
    assert letter.message == message
    assert (letter.code, letter.detail) == ("refused", "No. Never.")
    await second.close()


_DIES_IN_ITS_HANDLER = textwrap.dedent(
    """
    import asyncio, os, pathlib, signal, sys
    from musecore.broker import LocalBroker, Message

    async def die(delivery) -> None:
        if sys.argv[2] == delivery.message.body.decode():
            os.kill(os.getpid(), signal.SIGKILL)

    async def main() -> None:
        broker = LocalBroker(journal=pathlib.Path(sys.argv[1]))
        await broker.start()
        await broker.declare("workers", ["task.#"])
        if sys.argv[3:]:
            for body in sys.argv[3:]:
                await broker.publish(Message(body, "task.requested.v1", body.encode()))
        await broker.subscribe("workers", [], die)
        while await broker.depth("workers"):
            await asyncio.sleep(0.01)

    asyncio.run(main())
    """
)


def run_and_see_it_die(journal: Path, *arguments: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", _DIES_IN_ITS_HANDLER, str(journal), *arguments],
        check=False,
    ).returncode


@pytest.mark.asyncio
async def test_kill_9_in_a_handler_loses_nothing_and_counts_as_a_delivery(
    tmp_path: Path,
) -> None:
    killed = run_and_see_it_die(tmp_path, "two", "one", "two", "three")
    assert killed == -signal.SIGKILL
    broker = await started(tmp_path)
    heard = Heard()
    await broker.subscribe("workers", ["task.#"], heard)
    await heard.count(2)
    seen = [(one.message.body, one.attempt) for one in heard.deliveries]
    assert seen == [(b"two", 2), (b"three", 1)]
    await broker.close()


@pytest.mark.asyncio
async def test_a_message_that_kills_its_process_each_time_ends_as_a_dead_letter(
    tmp_path: Path,
) -> None:
    assert run_and_see_it_die(tmp_path, "poison", "poison") == -signal.SIGKILL
    for _ in range(4):
        assert run_and_see_it_die(tmp_path, "poison") == -signal.SIGKILL
    assert run_and_see_it_die(tmp_path, "poison") == 0
    broker = await started(tmp_path)
    [letter] = await broker.dead_letters("workers")
    assert letter.message.body == b"poison"
    await broker.close()


@pytest.mark.asyncio
async def test_a_half_written_message_of_a_killed_process_is_ignored(
    tmp_path: Path,
) -> None:
    broker = await started(tmp_path)
    await broker.declare("workers", [NAME])
    await broker.close()
    (tmp_path / "workers" / "live" / "00000000000000000001.0.part").write_bytes(b"{")
    broker = await started(tmp_path)
    assert await broker.depth("workers") == 0
    await broker.close()


@pytest.mark.asyncio
async def test_a_message_in_a_handler_stays_when_the_broker_closes(
    tmp_path: Path,
) -> None:
    broker = await started(tmp_path)
    in_hand = asyncio.Event()

    async def forever(_delivery: Delivery) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    await broker.subscribe("workers", [NAME], forever)
    await broker.publish(make_message())
    await in_hand.wait()
    await broker.close()
    broker = await started(tmp_path)
    assert await broker.depth("workers") == 1
    await broker.close()


@pytest.mark.asyncio
async def test_a_topology_makes_queues_and_lists_what_nobody_need_hear() -> None:
    topology = Topology({"workers": ["task.requested.#"]}, unheard=["task.state.*"])
    broker = LocalBroker(topology)
    await broker.start()
    await broker.publish(make_message("task.requested.v1.small"))
    await broker.publish(make_message("task.state.v1"))
    assert await broker.depth("workers") == 1
    await broker.close()


@pytest.mark.asyncio
async def test_a_fleeting_queue_vanishes_after_its_last_consumer() -> None:
    broker = LocalBroker(delay=brief_delay, fleeting_s=0.05)
    await broker.start()
    heard = Heard()
    reading = await broker.subscribe("live", [NAME], heard, fleeting=True)
    await asyncio.sleep(0.1)
    await broker.publish(make_message())
    await heard.count(1)
    await reading.cancel()
    await broker.publish(make_message())
    await asyncio.sleep(0.1)
    assert await broker.depth("live") == 0
    with pytest.raises(Unroutable):
        await broker.publish(make_message())
    await broker.close()


@pytest.mark.asyncio
async def test_a_fleeting_queue_leaves_nothing_in_the_journal(tmp_path: Path) -> None:
    broker = await started(tmp_path)
    heard = Heard(Refused("No."))
    await broker.subscribe("live", [NAME], heard, fleeting=True)
    await broker.publish(make_message())
    await heard.count(1)
    assert await broker.dead_letters("live") == []
    await broker.close()
    assert not (tmp_path / "live" / "bindings.json").exists()


@pytest.mark.asyncio
async def test_a_queue_cannot_be_of_two_kinds() -> None:
    broker = await started()
    await broker.declare("workers", [NAME])
    with pytest.raises(QueueMismatch, match="'workers' exists and is durable"):
        await broker.declare("workers", [NAME], fleeting=True)
    await broker.close()


@pytest.mark.asyncio
async def test_a_queue_of_an_older_journal_may_be_asked_for_as_fleeting(
    tmp_path: Path,
) -> None:
    older = await started(tmp_path)
    await older.declare("worker.w1.cancelled", [NAME])
    await older.close()
    broker = await started(tmp_path)
    for _ in range(2):
        heard = Heard()
        reading = await broker.subscribe(
            "worker.w1.cancelled", [NAME], heard, fleeting=True
        )
        await broker.publish(make_message())
        await heard.count(1)
        await reading.cancel()
    await broker.close()


@pytest.mark.asyncio
async def test_the_way_through_the_broker_takes_less_than_5_ms(tmp_path: Path) -> None:
    broker = await started(tmp_path)
    arrived = asyncio.Event()
    delays = []

    async def note(_delivery: Delivery) -> None:
        arrived.set()

    await broker.subscribe("workers", [NAME], note)
    for _ in range(50):
        arrived.clear()
        begin = time.perf_counter()
        await broker.publish(make_message(body=b"x" * 800))
        await arrived.wait()
        delays.append(time.perf_counter() - begin)
    await broker.close()
    assert sorted(delays)[25] < 0.005


@pytest.mark.parametrize(
    ("pattern", "key", "takes"),
    [
        ("task.requested.v1", "task.requested.v1", True),
        ("task.requested.v1", "task.requested.v1.small", False),
        ("task.*.v1", "task.failed.v1", True),
        ("task.*.v1", "task.v1", False),
        ("task.#", "task", True),
        ("task.#", "task.requested.v1.small", True),
        ("task.#", "tasks.v1", False),
        ("#", "anything.at.all", True),
        ("*.v1", "frame.ingested.v1", False),
        ("a.b", "aXb", False),
    ],
)
def test_routing_keys_match_as_in_amqp(pattern: str, key: str, takes: bool) -> None:
    assert matches(pattern, key) is takes


def test_delays_grow_and_have_an_end() -> None:
    assert [growing_delay(n) for n in (1, 2, 3)] == [0.2, 0.8, 3.2]
    assert growing_delay(9) == 30.0


def test_a_delivery_gives_the_payload_that_was_sent() -> None:
    payload = FileUnwanted(file_id=uuid7(), reason="space")
    envelope = envelope_of(payload)
    delivery = Delivery(Message.of(envelope), "catalog", 1)
    assert delivery.envelope == envelope
    assert delivery.payload == payload
    assert delivery.message.routing_key == "file.unwanted.v1"


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b'{"message_id": 3}',
        envelope_of(FileUnwanted(file_id=uuid7(), reason="space"))
        .model_copy(update={"name": "file.sung.v9"})
        .model_dump_json()
        .encode(),
        envelope_of(FileUnwanted(file_id=uuid7(), reason="space"))
        .model_copy(update={"payload": {}})
        .model_dump_json()
        .encode(),
    ],
)
def test_a_body_we_cannot_read_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(MessageUnparseable, match="Message"):
        _ = Delivery(make_message(body=body), "catalog", 1).payload
    assert not MessageUnparseable.transient


def test_a_queue_name_cannot_leave_the_journal(tmp_path: Path) -> None:
    broker = LocalBroker(journal=tmp_path)
    with pytest.raises(ValueError, match="queue"):
        asyncio.run(broker.declare(f"..{os.sep}x", [NAME]))
