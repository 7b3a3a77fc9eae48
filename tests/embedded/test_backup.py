"""Backup while services write, restore elsewhere: the same answers, nothing twice."""

import asyncio
import gzip
import json
import shutil
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muse_embedded.backups import check_objects, read_backup
from muse_embedded.main import cli
from muse_embedded.services import OWNERS
from musecore.blobs import DirectoryStore
from musecore.db import Database, is_current
from tests.support.processes import environment

MIGRATED = [(owner.schema, owner.package) for owner in OWNERS]


async def musewise_server(url, *arguments, **settings):
    done = await asyncio.to_thread(
        CliRunner().invoke,
        cli,
        [str(one) for one in arguments],
        env=environment({"admin_database_url": url} | settings),
    )
    assert "Traceback" not in done.output
    return done


async def contents(url):
    """Give every row of every table, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname AS s, tablename AS t FROM pg_tables "
            "WHERE schemaname = ANY($1) ORDER BY 1, 2",
            [owner.schema for owner in OWNERS],
        )
        found = {}
        for row in tables:
            name = f"{row['s']}.{row['t']}"
            rows = await connection.fetch(f"SELECT x::text FROM {name} x")
            found[name] = sorted(one[0] for one in rows)
        return found
    finally:
        await connection.close()


async def execute(url, *statements):
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


STORED = (
    "INSERT INTO storage.file (file_id, kind, filename, object_key, project, "
    "owner, size, sha256, content_key, state) VALUES ('{id}', 'raw', '{key}.fits', "
    "'objects/{key}', 'gto', 'ann', {size}, '{sha}', '{sha}', 'STORED')"
)


def said(schema, age, sent):
    """Give the SQL of a message in the outbox, sent so many minutes ago or not yet."""
    when = f"now() - interval '{age} minutes'" if sent else "NULL"
    return (
        f"INSERT INTO {schema}.outbox (message_id, routing_key, body, headers, sent_at)"
        f" VALUES ('{uuid4()}', 'frame.changed.v1', '\\x7b7d', '{{}}', {when})"
    )


@pytest_asyncio.fixture
async def url(databases):
    """A database with something of everybody in it."""
    async with databases.url(*MIGRATED) as found:
        done = await musewise_server(
            found, "admin", "create", "ann", "--project", "gto"
        )
        assert done.exit_code == 0, done.output
        await execute(
            found,
            said("catalog", 5, sent=True),
            said("catalog", 500, sent=True),
            said("catalog", 0, sent=False),
        )
        yield found


@pytest.mark.asyncio
async def test_what_was_backed_up_comes_back_elsewhere_row_for_row(
    url, databases, tmp_path
):
    before = await contents(url)
    done = await musewise_server(url, "backup", tmp_path / "b")
    assert done.exit_code == 0, done.output
    async with databases.url() as other:
        done = await musewise_server(
            other, "restore", tmp_path / "b", "--resend-minutes", "0"
        )
        assert done.exit_code == 0, done.output
        assert await contents(other) == before
        for owner in OWNERS:
            database = Database(other, owner.schema, pool_size=1)
            assert await is_current(database, owner.package)
            await database.close()
        # numbers go on where they were: no identity is given twice
        await execute(other, said("catalog", 0, sent=False))
        await musewise_server(other, "admin", "create", "bob")


@pytest.mark.asyncio
async def test_a_backup_under_writes_is_of_one_moment(url, databases, tmp_path):
    """Each transaction writes a pair, in two schemas; a backup never splits a pair."""
    stop = asyncio.Event()

    async def write():
        connection = await asyncpg.connect(url)
        number = 0
        while not stop.is_set():
            number += 1
            async with connection.transaction():
                await connection.execute(said("auth", number, sent=True))
                await connection.execute(said("storage", number, sent=True))
        await connection.close()
        return number

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    done = await musewise_server(url, "backup", tmp_path / "b")
    await asyncio.sleep(0.1)
    stop.set()
    written = await writing
    assert done.exit_code == 0, done.output
    rows = {
        f"{copy.name}.{table.table}": table.rows
        for copy in read_backup(tmp_path / "b").schemas
        for table in copy.tables
    }
    assert 0 < rows["auth.outbox"] == rows["storage.outbox"] < written


@pytest.mark.asyncio
async def test_messages_of_the_last_hour_are_sent_again_and_older_ones_not(
    url, databases, tmp_path
):
    await musewise_server(url, "backup", tmp_path / "b")
    async with databases.url() as other:
        await musewise_server(other, "restore", tmp_path / "b")
        connection = await asyncpg.connect(other)
        unsent = await connection.fetchval(
            "SELECT count(*) FROM catalog.outbox WHERE sent_at IS NULL"
        )
        assert await connection.fetchval("SELECT count(*) FROM catalog.outbox") == 3
        await connection.close()
    assert unsent == 2


@pytest.mark.asyncio
async def test_data_that_are_there_are_not_lost_unless_told(url, tmp_path):
    await musewise_server(url, "backup", tmp_path / "b")
    await musewise_server(url, "admin", "create", "bob")
    before = await contents(url)
    refused = await musewise_server(url, "restore", tmp_path / "b")
    assert refused.exit_code == 1
    assert "auth.account (2)" in refused.stderr
    assert "--replace" in refused.stderr
    assert await contents(url) == before
    done = await musewise_server(url, "restore", tmp_path / "b", "--replace")
    assert done.exit_code == 0, done.output
    assert "bob" not in str(await contents(url))


@pytest.mark.asyncio
async def test_a_migrated_empty_database_takes_a_backup(url, databases, tmp_path):
    await musewise_server(url, "backup", tmp_path / "b")
    async with databases.url(*MIGRATED) as other:
        done = await musewise_server(other, "restore", tmp_path / "b")
        assert done.exit_code == 0, done.output


@pytest.mark.asyncio
async def test_while_a_service_is_connected_nothing_is_restored(
    url, databases, tmp_path
):
    await musewise_server(url, "backup", tmp_path / "b")
    connection = await asyncpg.connect(url)
    try:
        done = await musewise_server(url, "restore", tmp_path / "b", "--replace")
    finally:
        await connection.close()
    assert done.exit_code == 1
    assert "Stop the services first" in done.stderr


@pytest.mark.asyncio
async def test_a_damaged_backup_is_found_before_anything_changes(url, tmp_path):
    await musewise_server(url, "backup", tmp_path / "b")
    before = await contents(url)
    path = tmp_path / "b" / "auth.account.copy.gz"
    path.write_bytes(gzip.compress(b"mallory"))
    done = await musewise_server(url, "restore", tmp_path / "b", "--replace")
    assert done.exit_code == 1
    assert "auth.account.copy.gz" in done.stderr
    assert await contents(url) == before


@pytest.mark.asyncio
async def test_a_backup_is_private_keeps_the_key_and_overwrites_none(url, tmp_path):
    key = tmp_path / "key.pem"
    key.write_text("the key")
    done = await musewise_server(url, "backup", tmp_path / "b", "--signing-key", key)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert (tmp_path / "b" / "signing.pem").read_text() == "the key"
    again = await musewise_server(url, "backup", tmp_path / "b")
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert json.loads((tmp_path / "b" / "backup.json").read_text())["has_signing_key"]


@pytest.mark.asyncio
async def test_the_store_is_held_against_the_backup(url, databases, tmp_path):
    sums = {
        "a": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "b": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
        "c": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
    }
    await execute(
        url,
        *(STORED.format(id=uuid4(), key=k, size=1, sha=v) for k, v in sums.items()),
    )
    await musewise_server(url, "backup", tmp_path / "b")
    store = DirectoryStore(tmp_path / "objects")
    for key, content in {"a": "a", "b": "B"}.items():
        path = tmp_path / f"{key}.fits"
        path.write_text(content)
        await store.put_file(f"objects/{key}", path)
    number, lacking = await check_objects(tmp_path / "b", store, sums=True)
    assert number == 3
    assert {one.key for one in lacking} == {"objects/b", "objects/c"}
    async with databases.url() as other:
        done = await musewise_server(
            other, "restore", tmp_path / "b", "--check-objects",
            blobs_url=f"file://{tmp_path / 'objects'}",
        )  # fmt: skip
    assert done.exit_code == 4
    assert "objects/c is not there" in done.stdout
    assert "2 of 3" in done.stdout


def test_a_folder_that_is_no_backup_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli,
        ["restore", str(tmp_path)],
        env=environment({"admin_database_url": "postgresql://nobody@/none"}),
    )
    assert done.exit_code == 1
    assert "is no backup" in done.stderr
    shutil.rmtree(tmp_path)
