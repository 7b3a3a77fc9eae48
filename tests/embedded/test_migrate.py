"""Schemas and roles: made by one command, and none sees the other's tables."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muse_embedded.main import cli
from muse_embedded.services import OWNERS
from musecore.db import Database, DatabaseRefused, is_current
from tests.support.processes import environment


async def musewise_server(*arguments, **settings):
    """Run a command in a thread: it has a loop of its own."""
    return await asyncio.to_thread(
        CliRunner().invoke, cli, list(arguments), env=environment(settings)
    )


@pytest_asyncio.fixture
async def url(databases):
    async with databases.url() as found:
        yield found


@pytest_asyncio.fixture
async def config(url, tmp_path):
    """A settings file in which each service has a role of its own; roles go after."""
    names = {owner.service: f"t{uuid4().hex[:12]}_{owner.schema}" for owner in OWNERS}
    tables = "".join(
        f'[{service}]\ndatabase_url = "{as_role(url, role)}"\n'
        for service, role in names.items()
    )
    path = tmp_path / "musewise.toml"
    path.write_text(f'[migrate]\nadmin_database_url = "{url}"\n{tables}')
    yield path, names
    connection = await asyncpg.connect(url)
    try:
        for role in names.values():
            if await connection.fetchval(
                "SELECT 1 FROM pg_roles WHERE rolname = $1", role
            ):
                await connection.execute(f"DROP OWNED BY {role} CASCADE")
                await connection.execute(f"DROP ROLE {role}")
    finally:
        await connection.close()


def as_role(url, role):
    return url.replace("musewise@", f"{role}:o'p@")


@asynccontextmanager
async def opened(url, schema):
    database = Database(url, schema, pool_size=1)
    try:
        yield database
    finally:
        await database.close()


@pytest.mark.asyncio
async def test_one_command_makes_every_schema_and_may_be_repeated(url, config):
    path, _ = config
    first = await musewise_server("migrate", "--config", str(path))
    assert first.exit_code == 0, first.output
    for owner in OWNERS:
        async with opened(url, owner.schema) as database:
            assert await is_current(database, owner.package)
    again = await musewise_server("migrate", "--config", str(path))
    assert again.output.count("is current") == len(OWNERS)


@pytest.mark.asyncio
async def test_check_tells_what_is_missing_and_changes_nothing(url):
    settings = {"admin_database_url": url}
    done = await musewise_server("migrate", "catalog", "--no-roles", **settings)
    assert done.exit_code == 0, done.output
    check = await musewise_server("migrate", "--check", **settings)
    assert check.exit_code == 3
    assert "catalog: schema catalog is current" in check.output
    assert "scheduler: schema scheduler needs" in check.output
    async with opened(url, "scheduler") as database:
        assert not await is_current(database, "muse_scheduler")
    right = await musewise_server("migrate", "catalog", "--check", **settings)
    assert right.exit_code == 0


@pytest.mark.asyncio
async def test_a_service_reads_and_writes_its_schema_and_no_other(url, config):
    path, names = config
    done = await musewise_server("migrate", "--config", str(path))
    assert done.exit_code == 0, done.output
    for owner in OWNERS:
        own = await asyncpg.connect(as_role(url, names[owner.service]))
        try:
            assert (
                await own.fetchval(f"SELECT count(*) FROM {owner.schema}.outbox") == 0
            )
            assert await own.execute(f"DELETE FROM {owner.schema}.outbox") == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await own.execute(f"DROP TABLE {owner.schema}.outbox")
            for other in OWNERS:
                if other is owner:
                    continue
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await own.fetch(f"SELECT * FROM {other.schema}.outbox")
        finally:
            await own.close()


@pytest.mark.asyncio
async def test_tables_of_later_migrations_are_the_role_s_too(url, config):
    path, names = config
    await musewise_server("migrate", "--config", str(path))
    async with opened(url, "catalog") as owner, owner.begin() as tx:
        await tx.execute("CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY)")
    role = as_role(url, names["catalog"])
    async with opened(role, "catalog") as database, database.begin() as tx:
        await tx.execute("INSERT INTO later DEFAULT VALUES")


@pytest.mark.asyncio
async def test_a_wrong_service_is_refused_with_the_nearest_name(url):
    done = await musewise_server("migrate", "catalogue", admin_database_url=url)
    assert done.exit_code == 2
    assert "Did you mean catalog?" in done.output


@pytest.mark.asyncio
async def test_no_database_is_said_with_the_setting():
    done = await musewise_server("migrate")
    assert done.exit_code == 2
    assert "MUSEWISE_ADMIN_DATABASE_URL" in done.output


@pytest.mark.asyncio
async def test_a_database_that_does_not_exist_is_no_passing_trouble(url):
    async with opened(url.replace("/test_", "/no_"), "catalog") as database:
        with pytest.raises(DatabaseRefused, match="does not exist"):
            await database.ping()
