"""Whole schemas into files and back: one snapshot, by COPY, checked by sha256.

COPY as text and alembic's revision, and not ``pg_dump``: the same on every version of
PostgreSQL, without its programs, and what comes back is upgraded as any old schema.
"""

import asyncio
import graphlib
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from pydantic import BaseModel, ConfigDict

from musecore.db.engine import Database, DatabaseUnavailable
from musecore.db.migrations import upgrade
from musecore.errors import Conflict, Invalid

__all__ = [
    "BackupDamaged",
    "DatabaseInUse",
    "HoldsData",
    "Owned",
    "SchemaCopy",
    "TableCopy",
    "check_copies",
    "copy_in",
    "copy_out",
    "require_empty",
    "require_unused",
]


class BackupDamaged(Invalid):
    """A file of the backup is missing, or is not the one that was written."""

    code = "backup_damaged"


class HoldsData(Conflict):
    """The schemas to be restored hold data."""

    code = "holds_data"


class DatabaseInUse(Conflict):
    """Other programs are connected to the database."""

    code = "database_in_use"


class Owned(NamedTuple):
    """A schema, and the package with its migrations."""

    schema: str
    package: str


class TableCopy(BaseModel):
    """The rows of a table in a file (gzipped text of COPY)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: str
    columns: list[str]
    rows: int
    file: str
    sha256: str


class SchemaCopy(BaseModel):
    """A schema: its revision, the tables in an order that foreign keys allow."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    package: str
    revision: str
    tables: list[TableCopy]
    sequences: dict[str, int]


async def copy_out(
    url: str,
    owned: Sequence[Owned],
    folder: Path,
    queries: Mapping[str, str] | None = None,
) -> list[SchemaCopy]:
    """Write the schemas as they are at one moment; writers are not held up.

    Parameters
    ----------
    queries
        Further files (gzipped text of COPY) in the same snapshot: name -> SELECT.
    """
    connection = await _connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            copies = [await _schema_out(connection, one, folder) for one in owned]
            for name, query in (queries or {}).items():
                with gzip.open(folder / name, "wb", compresslevel=3) as file:
                    await connection.copy_from_query(query, output=file)
        return copies
    finally:
        await connection.close()


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(Database(url, "public").dsn)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"The database does not answer: {error}") from error


async def _schema_out(
    connection: asyncpg.Connection, owned: Owned, folder: Path
) -> SchemaCopy:
    schema = owned.schema
    try:
        revision = await connection.fetchval(
            f"SELECT version_num FROM {schema}.alembic_version"  # noqa: S608  ours
        )
    except asyncpg.PostgresError as error:
        raise Invalid(
            f"There is no schema {schema!r} to back up: {error}.",
            hint="Run: musewise-server migrate",
        ) from error
    tables = [
        await _table_out(connection, schema, table, folder)
        for table in await _tables(connection, schema)
    ]
    sequences = await connection.fetch(
        "SELECT sequencename AS name, last_value FROM pg_sequences "
        "WHERE schemaname = $1 AND last_value IS NOT NULL",
        schema,
    )
    return SchemaCopy(
        name=schema,
        package=owned.package,
        revision=str(revision),
        tables=tables,
        sequences={row["name"]: row["last_value"] for row in sequences},
    )


async def _tables(connection: asyncpg.Connection, schema: str) -> list[str]:
    """List the tables that hold rows, those that others refer to first."""
    found = await connection.fetch(
        "SELECT c.relname AS name FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname <> 'alembic_version'",
        schema,
    )
    graph: dict[str, set[str]] = {row["name"]: set() for row in found}
    references = await connection.fetch(
        "SELECT f.relname AS child, t.relname AS parent FROM pg_constraint k "
        "JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid "
        "JOIN pg_namespace n ON n.oid = f.relnamespace "
        "WHERE n.nspname = $1 AND k.contype = 'f' AND f.oid <> t.oid",
        schema,
    )
    for row in references:
        if row["child"] in graph and row["parent"] in graph:
            graph[row["child"]].add(row["parent"])
    return list(graphlib.TopologicalSorter(graph).static_order())


async def _table_out(
    connection: asyncpg.Connection, schema: str, table: str, folder: Path
) -> TableCopy:
    columns = await connection.fetch(
        "SELECT attname AS name FROM pg_attribute "
        "WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        schema,
        table,
    )
    names = [row["name"] for row in columns]
    path = folder / f"{schema}.{table}.copy.gz"
    with gzip.open(path, "wb", compresslevel=3) as file:
        done = await connection.copy_from_table(
            table, schema_name=schema, columns=names, output=file
        )
    return TableCopy(
        table=table,
        columns=names,
        rows=int(done.rsplit(" ", 1)[-1]),
        file=path.name,
        sha256=await asyncio.to_thread(sha256_of, path),
    )


def sha256_of(path: Path) -> str:
    """Give the hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_copies(copies: Sequence[SchemaCopy], folder: Path) -> None:
    """Look at every file before anything is changed.

    Raises
    ------
    BackupDamaged
    """
    for table in (table for copy in copies for table in copy.tables):
        path = folder / table.file
        if not path.is_file():
            raise BackupDamaged(f"The backup lacks {path}.")
        if sha256_of(path) != table.sha256:
            raise BackupDamaged(
                f"{path} is not the file that was backed up: its sha256 differs.",
                hint="Use another backup; nothing was changed.",
            )


async def require_unused(url: str) -> None:
    """Refuse while other programs are connected to this database.

    Raises
    ------
    DatabaseInUse
    """
    connection = await _connect(url)
    try:
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database() AND backend_type = 'client backend'"
        )
    finally:
        await connection.close()
    if others:
        raise DatabaseInUse(
            f"{others} other connections use this database.",
            hint="Stop the services first (and psql).",
        )


async def require_empty(url: str, schemas: Sequence[str]) -> None:
    """Refuse where a schema holds rows of use: an empty, migrated one is fine.

    Rows that the migrations themselves put (tables of states) do not count: those of
    tables without a column for time or id of a thing, which is what all others have.

    Raises
    ------
    HoldsData
        Names the tables and their rows.
    """
    connection = await _connect(url)
    try:
        found = []
        for schema in schemas:
            for table in await _tables(connection, schema):
                rows = await connection.fetchval(
                    f'SELECT count(*) FROM {schema}."{table}"'  # noqa: S608  ours
                )
                if rows and await _is_of_use(connection, schema, table):
                    found.append(f"{schema}.{table} ({rows})")
    finally:
        await connection.close()
    if found:
        raise HoldsData(
            f"This database holds data: {', '.join(found)}.",
            hint="Restore into an empty database, or say --replace to lose this data.",
        )


async def _is_of_use(connection: asyncpg.Connection, schema: str, table: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = $1 "
            "AND table_name = $2 AND data_type NOT IN ('text', 'boolean', 'smallint')",
            schema,
            table,
        )
    )


async def copy_in(
    url: str,
    copy: SchemaCopy,
    folder: Path,
    *,
    resend_after: datetime | None = None,
) -> None:
    """Make a schema anew as it was, then bring it to the newest revision.

    The schema that is there is dropped. An interrupted restore may be repeated.

    Parameters
    ----------
    resend_after
        Messages sent since then are sent again: their receivers may have been lost
        with the broker, and take none twice.
    """
    database = Database(url, copy.name, pool_size=1)
    try:
        async with database.begin() as tx:
            await tx.execute(f"DROP SCHEMA IF EXISTS {copy.name} CASCADE")
        await upgrade(database, copy.package, copy.revision)
        await _rows_in(url, copy, folder, resend_after)
        await upgrade(database, copy.package)
    finally:
        await database.close()


async def _rows_in(
    url: str, copy: SchemaCopy, folder: Path, resend_after: datetime | None
) -> None:
    connection = await _connect(url)
    try:
        async with connection.transaction():
            names = [f'{copy.name}."{table.table}"' for table in copy.tables]
            for name in names:
                await connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            await connection.execute(f"TRUNCATE {', '.join(names)}")
            for table in copy.tables:
                await _table_in(connection, copy.name, table, folder)
            for sequence, value in copy.sequences.items():
                await connection.execute(
                    "SELECT setval(format('%I.%I', $1::text, $2::text)::regclass, $3)",
                    copy.name,
                    sequence,
                    value,
                )
            for name in names:
                await connection.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            if resend_after is not None and any(
                t.table == "outbox" for t in copy.tables
            ):
                await connection.execute(
                    f"UPDATE {copy.name}.outbox SET sent_at = NULL, due_at = now() "  # noqa: S608
                    "WHERE sent_at > $1",
                    resend_after,
                )
    finally:
        await connection.close()


async def _table_in(
    connection: asyncpg.Connection, schema: str, table: TableCopy, folder: Path
) -> None:
    with gzip.open(folder / table.file, "rb") as file:
        done = await connection.copy_to_table(
            table.table, schema_name=schema, columns=table.columns, source=file
        )
    rows = int(done.rsplit(" ", 1)[-1])
    if rows != table.rows:
        raise BackupDamaged(
            f"{schema}.{table.table} came back with {rows} of {table.rows} rows."
        )
