"""Schemas of an earlier version, with data in them, become the present ones."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from muse_embedded.backups import read_backup
from muse_embedded.server import bring_up_to_date
from muse_embedded.services import OWNERS
from musecore.db import Database, is_current, upgrade
from musecore.db.migrations import _config

FIRST = "0001"


def sample(schema):
    """Give SQL that fills the first tables of a schema; what every version keeps."""
    one, two = uuid4(), uuid4()
    own = {
        "auth": (
            "INSERT INTO account (subject, name, kind, scopes) "
            "VALUES ('ann', 'Ann', 'person', '{user}')",
            "INSERT INTO project (name, doc) VALUES ('gto', '')",
            "INSERT INTO membership VALUES ('gto', 'ann', 5)",
            "INSERT INTO audit (by, what, detail) VALUES ('x', 'grant', '{}')",
        ),
        "storage": (
            "INSERT INTO file (file_id, kind, filename, object_key, project, owner, "
            f"size, sha256, content_key, state) VALUES ('{one}', 'raw', 'a.fits', "
            "'objects/a', 'gto', 'ann', 5, 'aa', 'bb', 'STORED')",
        ),
        "catalog": (
            f"INSERT INTO inbox (message_id, consumer) VALUES ('{one}', 'catalog')",
        ),
        "scheduler": (
            f"INSERT INTO inbox (message_id, consumer) VALUES ('{one}', '')",
        ),
    }[schema]
    message = (
        "INSERT INTO outbox (message_id, routing_key, body, headers) "
        f"VALUES ('{two}', 'frame.changed.v1', 'x', '{{}}')"
    )
    return (*own, message)


async def fill(database, schema):
    async with database.begin() as tx:
        for statement in sample(schema):
            await tx.execute(statement.replace(":", "\\:"))


async def rows(url, schema):
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT tablename AS t FROM pg_tables WHERE schemaname = $1", schema
        )
        return {
            row["t"]: await connection.fetchval(
                f"SELECT count(*) FROM {schema}.{row['t']}"
            )
            for row in tables
        }
    finally:
        await connection.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("owner", OWNERS, ids=lambda one: one.service)
async def test_data_of_the_first_schema_are_kept_by_the_upgrade(databases, owner):
    async with databases.url() as url:
        database = Database(url, owner.schema, pool_size=1)
        try:
            await upgrade(database, owner.package, FIRST)
            await fill(database, owner.schema)
            before = await rows(url, owner.schema)
            await upgrade(database, owner.package)
            assert await is_current(database, owner.package)
        finally:
            await database.close()
        after = await rows(url, owner.schema)
    lost = {t: n for t, n in before.items() if n and after.get(t) != n}
    # tables of facts that a migration itself fills may have gained rows
    assert all(after.get(table, 0) > number for table, number in lost.items())


@pytest.mark.parametrize("owner", OWNERS, ids=lambda one: one.service)
def test_the_history_of_a_service_is_one_line(owner):
    script = ScriptDirectory.from_config(_config(owner.package))
    assert len(script.get_heads()) == 1
    assert [one.revision for one in script.walk_revisions()][-1] == FIRST


@pytest.mark.asyncio
async def test_an_older_schema_is_backed_up_then_upgraded(databases, tmp_path):
    backups = tmp_path / "backups"
    async with databases.url() as url:
        await bring_up_to_date(url, backups)
        assert await asyncio.to_thread(backups.exists) is False
        database = Database(url, "auth", pool_size=1)
        await fill(database, "auth")
        await _pretend_old(database)
        await bring_up_to_date(url, backups)
        assert await is_current(database, "muse_auth")
        await database.close()
    [kept] = await asyncio.to_thread(lambda: list(backups.iterdir()))
    backup = read_backup(kept)
    assert [copy.name for copy in backup.schemas] == ["auth"]
    assert backup.rows == 5


async def _pretend_old(database):
    """Take back the newest revision of auth."""
    script = ScriptDirectory.from_config(_config("muse_auth"))
    head = script.get_revision(script.get_current_head())
    async with database.begin() as tx:
        await tx.execute("DROP TABLE access_request")
        await tx.execute(
            "UPDATE alembic_version SET version_num = :old",
            {"old": head.down_revision},
        )
