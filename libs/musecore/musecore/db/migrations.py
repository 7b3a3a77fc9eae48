"""Alembic, one history per service, inside the service's package.

A service keeps ``<package>/migrations/env.py`` with two lines::

    from muse_catalog.tables import metadata
    from musecore.db import run_migration_environment

    run_migration_environment(metadata)

and ``<package>/migrations/versions/``.
"""

from collections.abc import Callable
from importlib import resources
from typing import Any, NamedTuple, TypeVar

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from musecore.db.engine import Database
from musecore.errors import MuseError, Refused

__all__ = [
    "NoWayBack",
    "Revisions",
    "SchemaOutdated",
    "is_current",
    "make_revision",
    "model_differences",
    "require_current",
    "revisions",
    "run_migration_environment",
    "upgrade",
]

_VERSION_TABLE = "alembic_version"
_Answer = TypeVar("_Answer")


class SchemaOutdated(MuseError):
    """The database schema is not the one this program was written for."""

    code = "schema_outdated"
    status = 503


class NoWayBack(Refused):
    """A revision cannot be undone: what it holds has no form in the one before."""

    code = "no_way_back"


def run_migration_environment(metadata: MetaData) -> None:
    """Be the body of a service's ``env.py``."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=_VERSION_TABLE,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _config(package: str, connection: Connection | None = None) -> Config:
    config = Config()
    folder = resources.files(package) / "migrations"
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _run_sync(
    database: Database, work: Callable[[Connection], _Answer]
) -> _Answer:
    async with database.begin() as tx:
        connection = await tx.connection()
        return await connection.run_sync(work)


class Revisions(NamedTuple):
    """Where a schema stands, and where the program needs it; None: no such schema."""

    have: str | None
    want: str


async def upgrade(database: Database, package: str, revision: str = "head") -> None:
    """Bring the schema of `database` to a revision of `package`, the newest.

    May be run twice. Creates the schema if it is missing. Two servers that start
    together take turns (advisory lock).
    """
    await database.create_schema()

    def work(connection: Connection) -> None:
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtext('migrate ' || current_schema()))"
        )
        command.upgrade(_config(package, connection), revision)

    await _run_sync(database, work)


async def revisions(database: Database, package: str) -> Revisions:
    """Give the revision that the schema has, and the newest of `package`."""
    want = ScriptDirectory.from_config(_config(package)).get_current_head()

    def work(connection: Connection) -> str | None:
        migration = MigrationContext.configure(
            connection, opts={"version_table": _VERSION_TABLE}
        )
        return migration.get_current_revision()

    return Revisions(await _run_sync(database, work), str(want))


async def is_current(database: Database, package: str) -> bool:
    """Tell whether the schema stands at the newest revision of `package`."""
    found = await revisions(database, package)
    return found.have == found.want


async def require_current(database: Database, package: str) -> None:
    """Refuse an old schema.

    Raises
    ------
    SchemaOutdated
        The schema is not at the newest revision.
    """
    found = await revisions(database, package)
    if found.have != found.want:
        stands = (
            f"stands at revision {found.have}" if found.have else "does not exist yet"
        )
        raise SchemaOutdated(
            f"The schema {database.schema!r} {stands}; {package} needs {found.want}.",
            hint=f"Run: musewise-server migrate {database.schema}",
        )


async def model_differences(database: Database, metadata: MetaData) -> list[Any]:
    """List what differs between tables in the schema and `metadata` (drift)."""

    def work(connection: Connection) -> list[Any]:
        migration = MigrationContext.configure(
            connection, opts={"version_table": _VERSION_TABLE, "compare_type": True}
        )
        return list(compare_metadata(migration, metadata))

    return await _run_sync(database, work)


async def make_revision(
    database: Database, package: str, message: str, revision: str
) -> None:
    """Write a new revision file from the difference to the package's tables.

    A tool for developers; the database must stand at the newest revision.
    """

    def work(connection: Connection) -> None:
        command.revision(
            _config(package, connection),
            message=message,
            autogenerate=True,
            rev_id=revision,
        )

    await _run_sync(database, work)
