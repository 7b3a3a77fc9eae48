"""Outbox and inbox: what a use case says and hears, in its own transaction.

A service's ``tables.py`` takes the two tables in::

    class Outbox(OutboxRow, Row):
        __tablename__ = "outbox"


    class Inbox(InboxRow, Row):
        __tablename__ = "inbox"

`publish` writes a message in the transaction of the use case; the `Relay` hands it to
the broker after the commit and marks it sent when the broker has it. A crash between
the two publishes twice; `once` at the reader makes twice the same as once.
"""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from musecore.broker import Broker, Message
from musecore.db import Database, Transaction
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.messages import Payload, envelope_of
from musecore.rounds import Rounds
from musecore.telemetry import (
    OUTBOX_OLDEST_SECONDS,
    OUTBOX_PUBLISHED,
    OUTBOX_UNSENT,
)
from musecore.times import utcnow

__all__ = [
    "InboxRow",
    "OutboxRow",
    "Relay",
    "envelope_of",
    "once",
    "publish",
    "publish_many",
]

log = get_logger(__name__)

_CHANNEL = "outbox"
_BATCH = 200
_RETRY_S = (0.5, 2.0, 10.0, 60.0)
_SAY = """
WITH said AS (
    INSERT INTO outbox (message_id, routing_key, body, headers, priority)
    SELECT r.id, r.key, r.body, CAST(r.headers AS jsonb), r.priority FROM unnest(
        CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:bodies AS bytea[]),
        CAST(:headers AS text[]), CAST(:priorities AS integer[])) WITH ORDINALITY
        AS r(id, key, body, headers, priority, n) ORDER BY r.n
)
SELECT pg_notify(:channel, '')
"""


class OutboxRow:
    """Columns of the outbox; a mix-in for a service's declarative class."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(unique=True)
    routing_key: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    priority: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805  SQLAlchemy's way
        return (
            Index(
                "outbox_unsent",
                text("priority DESC"),
                "id",
                postgresql_where=text("sent_at IS NULL"),
            ),
        )


class InboxRow:
    """Columns of the inbox; a mix-in for a service's declarative class."""

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    consumer: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


async def publish(
    tx: Transaction,
    payload: Payload,
    *,
    routing_key: str | None = None,
    priority: int = 0,
) -> UUID:
    """Say something to the world when `tx` commits; give the message's id.

    Parameters
    ----------
    routing_key
        The payload's name unless given: ``task.requested.v1.small``.
    priority
        Higher ones leave the outbox first.
    """
    [message_id] = await publish_many(tx, [(payload, routing_key, priority)])
    return message_id


async def publish_many(
    tx: Transaction, said: Sequence[tuple[Payload, str | None, int]]
) -> list[UUID]:
    """Say many things in one statement: (payload, routing key or None, priority)."""
    messages = [
        (Message.of(envelope_of(payload), routing_key), priority)
        for payload, routing_key, priority in said
    ]
    ids = [UUID(message.message_id) for message, _ in messages]
    if ids:
        await tx.execute(
            _SAY,
            {
                "ids": ids,
                "keys": [message.routing_key for message, _ in messages],
                "bodies": [message.body for message, _ in messages],
                "headers": [json.dumps(dict(m.headers)) for m, _ in messages],
                "priorities": [priority for _, priority in messages],
                "channel": _CHANNEL,
            },
        )
    return ids


async def once(tx: Transaction, message_id: UUID, consumer: str = "") -> bool:
    """Tell whether `consumer` sees this message for the first time.

    The answer is True once per message and consumer over all committed
    transactions; a rolled-back one does not count. A second transaction with the
    same message waits for the first to end.
    """
    done = await tx.execute(
        "INSERT INTO inbox (message_id, consumer) VALUES (:message_id, :consumer) "
        "ON CONFLICT DO NOTHING RETURNING message_id",
        {"message_id": message_id, "consumer": consumer},
    )
    return done.first() is not None


class _Row(NamedTuple):
    id: int
    message: Message
    attempts: int


class Relay:
    """Hands the committed messages of one outbox to the broker.

    Parameters
    ----------
    database
        The service's database; several relays on one outbox share the work.
    poll_s
        Seconds between looks at the table: the net under LISTEN/NOTIFY.
    keep
        Sent rows older than this are removed, now and then.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        *,
        poll_s: float = 1.0,
        keep: timedelta = timedelta(days=2),
    ) -> None:
        self._database = database
        self._broker = broker
        self._poll_s = poll_s
        self._keep = keep
        self._task: asyncio.Task[None] | None = None
        self._swept_at: datetime | None = None
        self._rounds = Rounds(f"outbox-{database.schema}", self.measure)

    async def start(self) -> None:
        """Begin to relay, in a task of its own."""
        await self._rounds.start()
        self._task = asyncio.create_task(self._run(), name="outbox-relay")

    async def stop(self) -> None:
        """End the task; what is unsent waits for the next start."""
        await self._rounds.stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def drain(self) -> int:
        """Send what is due now, batch by batch; give the number sent."""
        sent = 0
        while True:
            tried, done = await self._send_batch()
            sent += done
            if tried < _BATCH:
                return sent

    async def _run(self) -> None:
        while True:
            try:
                async with self._database.listen(_CHANNEL) as news:
                    await self._follow(news)
            except MuseError as error:
                log.warning("relay waits for the database", detail=str(error))
            except Exception:
                log.exception("relay failed and goes on")
            await asyncio.sleep(self._poll_s)

    async def _follow(self, news: asyncio.Event) -> None:
        while True:
            news.clear()
            await self.drain()
            await self._sweep()
            with contextlib.suppress(TimeoutError):
                # not wait_for: on 3.11 it may swallow the cancellation of stop()
                async with asyncio.timeout(self._poll_s):
                    _ = await news.wait()

    async def _send_batch(self) -> tuple[int, int]:
        async with self._database.begin() as tx:
            rows = await self._take(tx)
            outcomes = await asyncio.gather(
                *(self._broker.publish(row.message) for row in rows),
                return_exceptions=True,
            )
            pairs = list(zip(rows, outcomes, strict=True))
            sent = [row for row, outcome in pairs if outcome is None]
            await self._mark_sent(tx, sent)
            self._count(len(sent), len(rows) - len(sent))
            for row, outcome in pairs:
                if isinstance(outcome, BaseException):
                    await self._put_off(tx, row, outcome)
        return len(rows), len(sent)

    def _count(self, sent: int, failed: int) -> None:
        service = self._database.schema
        OUTBOX_PUBLISHED.labels(service, "sent").inc(sent)
        OUTBOX_PUBLISHED.labels(service, "failed").inc(failed)

    async def measure(self) -> None:
        """Set the gauges of the outbox; the partial index on unsent rows answers."""
        async with self._database.begin() as tx:
            found = await tx.execute(
                "SELECT count(*), COALESCE(EXTRACT(epoch FROM now() - "
                "min(created_at)), 0) FROM outbox WHERE sent_at IS NULL"
            )
            unsent, age_s = found.one()
        OUTBOX_UNSENT.labels(self._database.schema).set(unsent)
        OUTBOX_OLDEST_SECONDS.labels(self._database.schema).set(float(age_s))

    async def _take(self, tx: Transaction) -> list[_Row]:
        found = await tx.execute(
            "SELECT id, message_id, routing_key, body, headers, attempts FROM outbox "
            "WHERE sent_at IS NULL AND due_at <= now() "
            "ORDER BY priority DESC, id LIMIT :batch FOR UPDATE SKIP LOCKED",
            {"batch": _BATCH},
        )
        return [
            _Row(number, Message(str(message_id), key, body, headers), attempts)
            for number, message_id, key, body, headers, attempts in found
        ]

    async def _mark_sent(self, tx: Transaction, rows: Sequence[_Row]) -> None:
        if rows:
            await tx.execute(
                "UPDATE outbox SET sent_at = now(), attempts = attempts + 1 "
                "WHERE id = ANY(:ids)",
                {"ids": [row.id for row in rows]},
            )

    async def _put_off(self, tx: Transaction, row: _Row, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            raise error
        wait_s = _RETRY_S[min(row.attempts, len(_RETRY_S) - 1)]
        log.warning(
            "message not taken by the broker, tried again later",
            message_id=row.message.message_id,
            routing_key=row.message.routing_key,
            attempts=row.attempts + 1,
            again_in_s=wait_s,
            detail=str(error),
        )
        await tx.execute(
            "UPDATE outbox SET attempts = attempts + 1, "
            "due_at = now() + make_interval(secs => :wait_s) WHERE id = :id",
            {"id": row.id, "wait_s": wait_s},
        )

    async def _sweep(self) -> None:
        """Remove rows sent long ago, at most once an hour."""
        now = utcnow()
        if self._swept_at and now - self._swept_at < timedelta(hours=1):
            return
        self._swept_at = now
        async with self._database.begin() as tx:
            await tx.execute(
                "DELETE FROM outbox WHERE sent_at < :limit", {"limit": now - self._keep}
            )
