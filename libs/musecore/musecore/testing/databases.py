"""One database per test, cloned from a template that is migrated once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from musecore.db import Database, EmbeddedPostgres, upgrade

__all__ = ["TemplateDatabases"]


class TemplateDatabases:
    """Makes databases on a private server (10 ms each)."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._templates: dict[tuple[str, ...], str] = {}

    @asynccontextmanager
    async def database(
        self, schema: str, package: str | None = None
    ) -> AsyncIterator[Database]:
        """Give a fresh database with `schema`, at the newest revision of `package`."""
        async with self.url((schema, package)) as url:
            database = Database(url, schema, pool_size=3)
            try:
                yield database
            finally:
                await database.close()

    @asynccontextmanager
    async def url(self, *services: tuple[str, str | None]) -> AsyncIterator[str]:
        """Give the URL of a fresh database with (schema, package) of each service."""
        template = await self._template(services)
        name = f"test_{uuid4().hex}"
        await self._order(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._server.url(name)
        finally:
            await self._order(f"DROP DATABASE {name} WITH (FORCE)")

    async def _template(self, services: tuple[tuple[str, str | None], ...]) -> str:
        key = tuple(f"{schema}={package}" for schema, package in services)
        if key not in self._templates:
            name = f"template_{uuid4().hex}"
            await self._order(f"CREATE DATABASE {name}")
            for schema, package in services:
                await self._migrate(name, schema, package)
            self._templates[key] = name
        return self._templates[key]

    async def _migrate(self, name: str, schema: str, package: str | None) -> None:
        database = Database(self._server.url(name), schema, pool_size=1)
        try:
            await database.create_schema()
            if package is not None:
                await upgrade(database, package)
        finally:
            await database.close()

    async def _order(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
