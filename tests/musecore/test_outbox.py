"""What a use case says is heard once it is committed, and acted on once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy.orm import DeclarativeBase
from typing_extensions import override

from musecore.broker import Delivery, LocalBroker, Message
from musecore.db import Database
from musecore.log import correlation
from musecore.messages import FileUnwanted
from musecore.outbox import (
    InboxRow,
    OutboxRow,
    Relay,
    once,
    publish,
    publish_many,
)
from musecore.testing import TemplateDatabases, frozen_clock
from musecore.testing.broker_suite import Heard, until
from musecore.times import utcnow, uuid7

NAME = "file.unwanted.v1"


class Row(DeclarativeBase):
    pass


class Outbox(OutboxRow, Row):
    __tablename__ = "outbox"


class Inbox(InboxRow, Row):
    __tablename__ = "inbox"


def make_payload(reason: str = "space") -> FileUnwanted:
    return FileUnwanted(file_id=uuid7(), reason=reason)


@pytest_asyncio.fixture
async def database(databases: TemplateDatabases) -> AsyncIterator[Database]:
    async with databases.database("catalog") as database:
        async with database.begin() as tx:
            connection = await tx.connection()
            await connection.run_sync(Row.metadata.create_all)
        yield database


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[LocalBroker]:
    broker = LocalBroker()
    await broker.start()
    yield broker
    await broker.close()


async def say(database: Database, *reasons: str) -> list[UUID]:
    async with database.begin() as tx:
        return [await publish(tx, make_payload(reason)) for reason in reasons]


async def unsent(database: Database) -> int:
    async with database.begin() as tx:
        found = await tx.execute("SELECT count(*) FROM outbox WHERE sent_at IS NULL")
        return int(found.scalar_one())


def reasons(heard: Heard) -> list[str]:
    payloads = [delivery.payload for delivery in heard.deliveries]
    return [one.reason for one in payloads if isinstance(one, FileUnwanted)]


@pytest.mark.asyncio
async def test_what_is_committed_is_heard_in_order(
    database: Database, broker: LocalBroker
) -> None:
    heard = Heard()
    await broker.subscribe("scheduler", [NAME], heard)
    ids = await say(database, "one", "two", "three")
    assert await Relay(database, broker).drain() == 3
    await heard.count(3)
    assert reasons(heard) == ["one", "two", "three"]
    assert [one.envelope.message_id for one in heard.deliveries] == ids
    assert await unsent(database) == 0
    assert await Relay(database, broker).drain() == 0


@pytest.mark.asyncio
async def test_what_is_rolled_back_is_never_said(
    database: Database, broker: LocalBroker
) -> None:
    await broker.declare("scheduler", [NAME])

    async def fail() -> None:
        async with database.begin() as tx:
            await publish(tx, make_payload())
            raise LookupError("no frame")

    with pytest.raises(LookupError):
        await fail()
    assert await Relay(database, broker).drain() == 0
    assert await broker.depth("scheduler") == 0


@pytest.mark.asyncio
async def test_higher_priority_leaves_first(
    database: Database, broker: LocalBroker
) -> None:
    heard = Heard()
    await broker.subscribe("scheduler", [f"{NAME}.#"], heard)
    async with database.begin() as tx:
        await publish_many(
            tx,
            [
                (make_payload("night"), None, 1),
                (make_payload("person"), f"{NAME}.small", 9),
                (make_payload("campaign"), None, 0),
            ],
        )
    await Relay(database, broker).drain()
    await heard.count(3)
    assert reasons(heard) == ["person", "night", "campaign"]
    assert heard.deliveries[0].message.routing_key == f"{NAME}.small"


@pytest.mark.asyncio
async def test_a_running_relay_hears_of_a_commit_long_before_its_next_look(
    database: Database, broker: LocalBroker
) -> None:
    arrived = asyncio.Event()

    async def note(_delivery: Delivery) -> None:
        arrived.set()

    await broker.subscribe("scheduler", [NAME], note)
    relay = Relay(database, broker, poll_s=30)
    await relay.start()
    await asyncio.sleep(0.2)
    for _ in range(5):
        arrived.clear()
        await say(database, "space")
        await asyncio.wait_for(arrived.wait(), 5)
    await relay.stop()


@pytest.mark.asyncio
async def test_what_was_committed_while_no_relay_ran_is_sent_at_its_start(
    database: Database, broker: LocalBroker
) -> None:
    await broker.declare("scheduler", [NAME])
    await say(database, "space")
    relay = Relay(database, broker, poll_s=30)
    await relay.start()

    async def sent() -> bool:
        return await unsent(database) == 0

    await until(sent)
    await relay.stop()
    assert await broker.depth("scheduler") == 1


@pytest.mark.asyncio
async def test_a_message_nobody_takes_waits_and_holds_up_no_other(
    database: Database, broker: LocalBroker
) -> None:
    await say(database, "too early")
    relay = Relay(database, broker)
    assert await relay.drain() == 0
    assert await unsent(database) == 1
    await broker.declare("scheduler", [NAME])
    await say(database, "in time")
    assert await relay.drain() == 1
    await asyncio.sleep(0.6)
    assert await relay.drain() == 1
    assert await broker.depth("scheduler") == 2


@pytest.mark.asyncio
async def test_two_relays_share_an_outbox_and_send_nothing_twice(
    database: Database, broker: LocalBroker
) -> None:
    await broker.declare("scheduler", [NAME])
    async with database.begin() as tx:
        await publish_many(tx, [(make_payload(), None, 0) for _ in range(1000)])
    sent = await asyncio.gather(
        Relay(database, broker).drain(), Relay(database, broker).drain()
    )
    assert sum(sent) == 1000
    assert await broker.depth("scheduler") == 1000


@pytest.mark.asyncio
async def test_a_crash_between_publishing_and_marking_sends_again_with_the_same_id(
    database: Database,
) -> None:
    class CrashAfterPublish(LocalBroker):
        @override
        async def publish(self, message: Message) -> None:
            await super().publish(message)
            raise asyncio.CancelledError

    broker = CrashAfterPublish()
    heard = Heard()
    await broker.subscribe("scheduler", [NAME], heard)
    [message_id] = await say(database, "space")
    with pytest.raises(asyncio.CancelledError):
        await Relay(database, broker).drain()
    assert await unsent(database) == 1
    with pytest.raises(asyncio.CancelledError):
        await Relay(database, broker).drain()
    await heard.count(2)
    assert {one.envelope.message_id for one in heard.deliveries} == {message_id}
    await broker.close()


@pytest.mark.asyncio
async def test_a_message_counts_once_per_consumer(database: Database) -> None:
    message_id = uuid7()
    for consumer, first in [("", True), ("", False), ("portal", True)]:
        async with database.begin() as tx:
            assert await once(tx, message_id, consumer) is first


@pytest.mark.asyncio
async def test_a_rolled_back_transaction_has_not_seen_the_message(
    database: Database,
) -> None:
    message_id = uuid7()

    async def fail() -> None:
        async with database.begin() as tx:
            assert await once(tx, message_id)
            raise LookupError("no frame")

    with pytest.raises(LookupError):
        await fail()
    async with database.begin() as tx:
        assert await once(tx, message_id)


@pytest.mark.asyncio
async def test_of_two_handlers_with_the_same_message_at_once_one_acts(
    database: Database,
) -> None:
    message_id = uuid7()

    async def handle() -> bool:
        async with database.begin() as tx:
            first = await once(tx, message_id)
            await asyncio.sleep(0.05)
            return first

    assert sorted(await asyncio.gather(handle(), handle())) == [False, True]


@pytest.mark.asyncio
async def test_the_correlation_id_travels_with_the_message(
    database: Database, broker: LocalBroker
) -> None:
    heard = Heard()
    await broker.subscribe("scheduler", [NAME], heard)
    with correlation("night-1"):
        await say(database, "space")
    await Relay(database, broker).drain()
    await heard.count(1)
    assert heard.deliveries[0].envelope.correlation_id == "night-1"
    assert heard.deliveries[0].message.headers == {"correlation_id": "night-1"}


@pytest.mark.asyncio
async def test_rows_sent_long_ago_are_removed(
    database: Database, broker: LocalBroker
) -> None:
    await broker.declare("scheduler", [NAME])
    await say(database, "space")
    relay = Relay(database, broker, keep=timedelta(days=2))
    await relay.drain()
    with frozen_clock(utcnow() + timedelta(days=3)):
        await relay.start()

        async def swept() -> bool:
            async with database.begin() as tx:
                found = await tx.execute("SELECT count(*) FROM outbox")
                return bool(found.scalar_one() == 0)

        await until(swept)
        await relay.stop()
