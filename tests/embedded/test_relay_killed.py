"""A relay killed with -9 between publishing and committing says everything again.

The real thing: a catalogue as a process, its outbox in PostgreSQL, RabbitMQ between,
and a reader whose inbox makes twice the same as once.
"""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.orm import DeclarativeBase

from musecore.broker import RabbitBroker, queue_of
from musecore.db import Database
from musecore.messages import FrameChanged
from musecore.outbox import InboxRow, once, publish
from musecore.testing.broker_suite import until
from musecore.times import uuid7
from tests.support.processes import Process

pytestmark = [pytest.mark.real, pytest.mark.asyncio]

MESSAGES = 20
QUEUE = queue_of("scheduler.frames")
GATE = 4711
"""An advisory lock: who marks a message as sent must wait for it."""

CLOSE = f"""
CREATE FUNCTION catalog.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NEW; END $$;
CREATE TRIGGER gate BEFORE UPDATE ON catalog.outbox
    FOR EACH ROW EXECUTE FUNCTION catalog.wait_at_gate();
"""
WAITING = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objid = $1 AND NOT granted
"""
UNSENT = "SELECT count(*) FROM catalog.outbox WHERE sent_at IS NULL"


class Row(DeclarativeBase):
    pass


class Inbox(InboxRow, Row):
    __tablename__ = "inbox"


class Reader:
    """A service with an inbox and an effect that would count twice."""

    def __init__(self, database):
        self.database = database
        self.deliveries = Counter()

    async def prepare(self):
        await self.database.create_schema()
        async with self.database.begin() as tx:
            connection = await tx.connection()
            await connection.run_sync(Row.metadata.create_all)
            await tx.execute("CREATE TABLE effect (said text)")

    async def __call__(self, delivery):
        message = delivery.payload
        async with self.database.begin() as tx:
            if await once(tx, delivery.envelope.message_id):
                await tx.execute(
                    "INSERT INTO effect VALUES (:said)", {"said": message.reason}
                )
        self.deliveries[delivery.message.message_id] += 1

    async def effects(self):
        async with self.database.begin() as tx:
            return Counter((await tx.execute("SELECT said FROM effect")).scalars())


@asynccontextmanager
async def gate_of(url):
    """Hold every relay that has published and is about to mark what it sent."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(CLOSE)
        await connection.execute("SELECT pg_advisory_lock($1)", GATE)
        yield connection
    finally:
        await connection.close()


async def say(database):
    changes = [
        FrameChanged(
            file_id=uuid7(),
            frame_ids=[uuid7()],
            is_valid=False,
            reason=f"light leak {number}",
            by="ann",
        )
        for number in range(MESSAGES)
    ]
    async with database.begin() as tx:
        return [str(await publish(tx, change)) for change in changes]


async def test_what_was_published_but_not_marked_comes_again_and_acts_once(
    databases, rabbit_url, tmp_path
):
    async with databases.url(("catalog", "muse_catalog")) as url:
        settings = {
            "database_url": url,
            "broker_url": rabbit_url,
            "auth_url": "http://127.0.0.1:9",
        }
        catalog = Process("catalog", "catalog", tmp_path, settings)
        outbox = Database(url, "catalog", pool_size=1)
        reader = Reader(Database(url, "reader", pool_size=4))
        await reader.prepare()
        broker = RabbitBroker(rabbit_url)
        await broker.start()
        try:
            async with gate_of(url) as gate:
                ids = await say(outbox)
                await asyncio.to_thread(catalog.start)

                async def stands_at_the_gate():
                    return await gate.fetchval(WAITING, GATE) > 0

                await until(stands_at_the_gate, 30)
                assert await broker.depth(QUEUE.name) == MESSAGES
                await asyncio.to_thread(catalog.kill)
                await gate.execute("SELECT pg_advisory_unlock($1)", GATE)
                await gate.execute("DROP TRIGGER gate ON catalog.outbox")
                assert await gate.fetchval(UNSENT) == MESSAGES

            await asyncio.to_thread(catalog.start)
            reading = await broker.subscribe(QUEUE.name, [], reader, prefetch=4)

            async def heard_again():
                return all(reader.deliveries[one] == 2 for one in ids)

            await until(heard_again, 30)
            assert await unsent(url) == 0
            assert await reader.effects() == {
                f"light leak {number}": 1 for number in range(MESSAGES)
            }
            assert await broker.dead_letters(QUEUE.name) == []
            await reading.cancel()
        finally:
            await broker.close()
            catalog.kill()
            await outbox.close()
            await reader.database.close()


async def unsent(url):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(UNSENT)
    finally:
        await connection.close()
