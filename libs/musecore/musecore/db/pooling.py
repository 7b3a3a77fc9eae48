"""Connections that the server has ended are not given out of the pool."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

__all__ = ["test_before_use"]

_IDLE_S = 10.0
"""A connection that stood idle for longer is asked whether it is still there."""


def test_before_use(engine: AsyncEngine) -> None:
    """Give no connection out of the pool that the server has ended.

    A connection that was closed is known as such without asking; one that stood idle
    for long is asked, since the network may have forgotten it. SQLAlchemy's own test
    (``pool_pre_ping``) takes three round trips before every transaction.
    """

    def returned(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    def taken(
        connection: Any, record: ConnectionPoolEntry, _fairy: PoolProxiedConnection
    ) -> None:
        idle_since = record.info.get("idle_since", time.monotonic())
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if time.monotonic() - idle_since > _IDLE_S and not _answers(engine, connection):
            raise InvalidatePoolError

    event.listen(engine.sync_engine, "checkin", returned)
    event.listen(engine.sync_engine, "checkout", taken)


def _answers(engine: AsyncEngine, connection: Any) -> bool:
    dialect = engine.sync_engine.dialect
    try:
        return bool(dialect.do_ping(connection))
    except dialect.loaded_dbapi.Error:
        return False
