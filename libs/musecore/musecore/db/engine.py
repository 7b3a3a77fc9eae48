"""Connections and transactions. A service sees `Database.begin` and `Transaction`."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from asyncpg.pgproto import pgproto  # type: ignore[import-untyped]
from pydantic_core import from_json
from sqlalchemy import Select, text, tuple_
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.elements import TextClause

from musecore.db.pooling import test_before_use
from musecore.db.statements import Rows, numbered, refused
from musecore.errors import MuseError
from musecore.telemetry import DATABASE_POOLS, Pool

__all__ = [
    "Database",
    "DatabaseRefused",
    "DatabaseUnavailable",
    "Page",
    "Transaction",
    "keyset_page",
    "quick",
]

_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock: the next try works
_STATEMENTS = 500
"""Statements that a connection keeps prepared: all that a service has."""
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_REFUSALS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


_HINT = (
    "Ask again in a moment. If it stays away: does PostgreSQL run at `database_url`?"
)


class DatabaseUnavailable(MuseError):
    """PostgreSQL does not answer, or ended the connection."""

    code = "database_unavailable"
    status = 503
    transient = True

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = _HINT,
        loc: tuple[str | int, ...] | None = None,
    ) -> None:
        super().__init__(detail, hint=hint, loc=loc)


class DatabaseRefused(MuseError):
    """PostgreSQL answers, and does not let us in: role, password or name are wrong."""

    code = "database_refused"
    status = 503


_AWAY = {
    asyncpg.AdminShutdownError.sqlstate,
    asyncpg.CrashShutdownError.sqlstate,
    asyncpg.CannotConnectNowError.sqlstate,
    asyncpg.TooManyConnectionsError.sqlstate,
}
"""PostgreSQL stops, starts, or is full: it answers, and will do the work later."""

_CUT = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)


def quick(key: UUID) -> UUID:
    """Give an equal UUID that the driver writes without detours, for many rows."""
    return cast("UUID", pgproto.UUID(key.bytes))


class Transaction:
    """One unit of work. Ends with the ``async with`` block that opened it.

    Attributes
    ----------
    session
        ORM session on the transaction's connection (for ``store.py`` only).
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._connection: AsyncConnection | None = None
        self._raw: asyncpg.Connection | None = None
        self._after_commit: list[Callable[[], None]] = []

    async def connection(self) -> AsyncConnection:
        """Give the Core connection of this transaction (for ``store.py`` only)."""
        if self._connection is None:
            self._connection = await self.session.connection()
        return self._connection

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, right after this transaction is committed."""
        if callback not in self._after_commit:
            self._after_commit.append(callback)

    async def execute(
        self,
        statement: str,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> Rows:
        """Run one SQL text with ``:name`` parameters; give its rows.

        A sequence of mappings runs the statement once for each (executemany).

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            PostgreSQL refuses it: `IntegrityError` for constraints.
        """
        connection = await self.connection()
        single = parameters is None or isinstance(parameters, Mapping)
        if self._raw is not None and single:
            return await self._execute(self._raw, statement, parameters or {})
        result = await connection.execute(_parsed(statement), parameters)
        self._raw = await _begun(connection)
        if not result.returns_rows:
            return Rows(())
        return Rows(result.all(), tuple(result.keys()))

    async def _execute(
        self,
        driver: asyncpg.Connection,
        statement: str,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> Rows:
        assert isinstance(parameters, Mapping)
        sql, names = numbered(statement)
        try:
            return Rows(await driver.fetch(sql, *[parameters[name] for name in names]))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            lost = driver.is_closed()
            if lost:
                await (await self.connection()).invalidate()
            raise refused(error, statement, lost=lost) from error

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        """Load rows with COPY inside this transaction; give their number.

        Parameters
        ----------
        table
            Name of a table in the service's schema.
        columns
            Column names in the order of the values in each row.
        rows
            Values as asyncpg takes them: ``dict`` for JSONB becomes text first
            (``json.dumps``), UUID and datetime as they are.
        """
        await self.session.flush()
        raw = await self._driver()
        try:
            status = await raw.copy_records_to_table(
                table, records=rows, columns=list(columns)
            )
        except _CUT as error:
            raise DatabaseUnavailable(f"The database failed: {error}") from error
        return int(status.rsplit(" ", 1)[-1])

    async def notify(self, channel: str, payload: str = "") -> None:
        """Wake the listeners of `channel` when this transaction commits."""
        await self.execute(
            "SELECT pg_notify(:channel, :payload)",
            {"channel": channel, "payload": payload},
        )

    async def _driver(self) -> asyncpg.Connection:
        if self._raw is None:
            # SQLAlchemy sends BEGIN with its first statement, and COPY is none of its.
            await self.execute("SELECT 1")
        return self._raw

    def _committed(self) -> None:
        for callback in self._after_commit:
            callback()


class Database:
    """A PostgreSQL database seen through one schema.

    Parameters
    ----------
    url
        ``postgresql://…``; also with a folder of a unix socket as ``?host=``.
    schema
        The service's own schema; it is the whole search path.
    pool_size
        Twice as many connections may be open; all are kept: to open one costs more
        than what most transactions do with it.
    """

    def __init__(self, url: str, schema: str, *, pool_size: int = 5) -> None:
        if not _NAME.fullmatch(schema):
            raise ValueError(f"{schema!r} is not a lower-case PostgreSQL name.")
        self.dsn = re.sub(r"^postgres(ql)?(\+asyncpg)?://", "postgresql://", url)
        self.schema = schema
        self._settings = {"search_path": schema, "timezone": "UTC"}
        self.engine = create_async_engine(
            self.dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=2 * pool_size,
            max_overflow=0,
            pool_use_lifo=True,  # the one with the warmest plans
            json_deserializer=from_json,
            connect_args={
                "server_settings": self._settings,
                "statement_cache_size": _STATEMENTS,
            },
        )
        test_before_use(self.engine)
        self._pool = cast("Pool", self.engine.pool)
        DATABASE_POOLS.add(schema, self._pool)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Open a transaction: commit at the end of the block, roll back on error.

        Raises
        ------
        DatabaseUnavailable
            PostgreSQL does not answer or broke the connection (transient).
        """
        try:
            async with (
                AsyncSession(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                await _connect(session)
                transaction = Transaction(session)
                yield transaction
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailable(f"The database failed: {error}") from error
        except DBAPIError as error:
            if error.connection_invalidated or _is_away(error):
                raise DatabaseUnavailable(f"Connection lost: {error}") from error
            if getattr(error.orig, "sqlstate", None) in _AGAIN:
                raise DatabaseUnavailable(f"Others were first: {error}") from error
            raise
        transaction._committed()

    async def create_schema(self) -> None:
        """Create the schema if it is missing (embedded mode and tests)."""
        async with self.begin() as tx:
            await tx.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")

    async def ping(self) -> None:
        """Ask for one row; raises `DatabaseUnavailable` if none comes."""
        async with self.begin() as tx:
            await tx.execute("SELECT 1")

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[asyncio.Event]:
        """Set the event whenever `channel` is notified, on a connection of its own.

        The event is also set when that connection is lost, so that a waiting loop
        looks for itself; the caller then leaves the block and enters it again.
        """
        event = asyncio.Event()
        try:
            connection = await asyncpg.connect(self.dsn, server_settings=self._settings)
        except (asyncpg.PostgresError, OSError) as error:
            raise DatabaseUnavailable(f"Cannot listen: {error}") from error
        try:
            connection.add_termination_listener(lambda _connection: event.set())
            await connection.add_listener(channel, lambda *_notice: event.set())
            yield event
        finally:
            await connection.close(timeout=2)

    async def close(self) -> None:
        """Close all connections."""
        DATABASE_POOLS.remove(self._pool)
        await self.engine.dispose()


async def _begun(connection: AsyncConnection) -> asyncpg.Connection | None:
    """Give the driver's connection once a transaction has begun on it."""
    fairy = await connection.get_raw_connection()
    driver = cast("asyncpg.Connection", fairy.driver_connection)
    return driver if driver.is_in_transaction() else None


@lru_cache(maxsize=2048)
def _parsed(statement: str) -> TextClause:
    return text(statement)


def _is_away(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _AWAY


async def _connect(session: AsyncSession) -> None:
    """Take a connection now: an OSError later on is none of the database's."""
    try:
        _ = await session.connection()
    except OSError as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error
    except DBAPIError as error:
        said = error.orig
        cause = None if said is None else said.__cause__
        if not isinstance(cause, _REFUSALS):
            raise DatabaseUnavailable(
                f"The database does not answer: {said}"
            ) from error
        raise DatabaseRefused(
            f"PostgreSQL does not let us in: {cause}.",
            hint="Check role, password and database in database_url; "
            "musewise-server migrate makes the roles.",
        ) from error


class Page(NamedTuple):
    """A page of rows, and where the next one begins (None at the end)."""

    rows: list[Any]
    after: tuple[Any, ...] | None


async def keyset_page(
    tx: Transaction,
    query: Select[Any],
    order: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    *,
    limit: int,
    after: Sequence[Any] | None = None,
) -> Page:
    """Read one page by key, not by offset: as fast on page 900 as on page 1.

    Parameters
    ----------
    query
        A SELECT of one entity, without ORDER BY.
    order
        Ascending columns of that entity; together they must be unique.
    after
        The `order` values of the last row of the page before.
    """
    if after is not None:
        query = query.where(tuple_(*order) > tuple(after))
    found = await tx.session.scalars(query.order_by(*order).limit(limit + 1))
    rows = list(found.all())
    if len(rows) <= limit:
        return Page(rows, None)
    rows = rows[:limit]
    return Page(rows, tuple(getattr(rows[-1], _attribute(key)) for key in order))


def _attribute(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> str:
    return str(column.key)
