"""Transactions, COPY, pages, notifications and migrations on a real PostgreSQL."""

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import MetaData, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from musecore.db import (
    Database,
    DatabaseUnavailable,
    EmbeddedPostgres,
    SchemaOutdated,
    is_current,
    keyset_page,
    make_revision,
    model_differences,
    require_current,
    upgrade,
)
from musecore.testing import TemplateDatabases


class Row(DeclarativeBase):
    pass


class Lamp(Row):
    __tablename__ = "lamp"
    night: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@pytest_asyncio.fixture
async def database(databases: TemplateDatabases) -> AsyncIterator[Database]:
    async with databases.database("catalog") as database:
        async with database.begin() as tx:
            connection = await tx.connection()
            await connection.run_sync(Row.metadata.create_all)
        yield database


async def count(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute("SELECT count(*) FROM lamp")).scalar_one())


@pytest.mark.asyncio
async def test_a_transaction_commits_at_its_end(database: Database) -> None:
    calls: list[str] = []
    async with database.begin() as tx:
        tx.on_commit(lambda: calls.append("committed"))
        tx.session.add(Lamp(night=1, number=1, name="Ne"))
        assert calls == []
    assert calls == ["committed"]
    assert await count(database) == 1


@pytest.mark.asyncio
async def test_an_error_rolls_back_and_calls_nobody(database: Database) -> None:
    calls: list[str] = []

    async def fail() -> None:
        async with database.begin() as tx:
            tx.on_commit(lambda: calls.append("committed"))
            tx.session.add(Lamp(night=1, number=1, name="Ne"))
            await tx.session.flush()
            raise LookupError("no lamp")

    with pytest.raises(LookupError, match="no lamp"):
        await fail()
    assert calls == []
    assert await count(database) == 0


@pytest.mark.asyncio
async def test_tables_are_found_in_the_schema_of_the_service_only(
    database: Database,
) -> None:
    async with database.begin() as tx:
        found = await tx.execute(
            "SELECT table_schema FROM information_schema.tables "
            "WHERE table_name = 'lamp'"
        )
        assert found.scalars().all() == ["catalog"]
        zone = (await tx.execute("SHOW timezone")).scalar_one()
        assert zone == "UTC"


@pytest.mark.asyncio
async def test_copy_loads_rows_within_the_transaction(database: Database) -> None:
    rows = [(night, number, "Xe") for night in range(100) for number in range(10)]

    async def load(fail: bool) -> None:
        async with database.begin() as tx:
            assert await tx.copy("lamp", ["night", "number", "name"], rows) == 1000
            if fail:
                raise LookupError("no lamp")

    with pytest.raises(LookupError):
        await load(fail=True)
    assert await count(database) == 0
    await load(fail=False)
    assert await count(database) == 1000


@pytest.mark.asyncio
async def test_pages_follow_each_other_without_gap_or_repetition(
    database: Database,
) -> None:
    async with database.begin() as tx:
        rows = [(n // 3, n, "Ne") for n in range(25)]
        await tx.copy("lamp", ["night", "number", "name"], rows)
    seen: list[int] = []
    after = None
    sizes = []
    async with database.begin() as tx:
        while True:
            page = await keyset_page(
                tx, select(Lamp), [Lamp.night, Lamp.number], limit=10, after=after
            )
            seen += [lamp.number for lamp in page.rows]
            sizes.append(len(page.rows))
            if page.after is None:
                break
            after = page.after
    assert seen == list(range(25))
    assert sizes == [10, 10, 5]


@pytest.mark.asyncio
async def test_a_page_that_ends_exactly_at_the_end_is_the_last(
    database: Database,
) -> None:
    async with database.begin() as tx:
        await tx.copy("lamp", ["night", "number", "name"], [(1, 1, "a"), (1, 2, "b")])
        page = await keyset_page(tx, select(Lamp), [Lamp.night, Lamp.number], limit=2)
    assert len(page.rows) == 2
    assert page.after is None


@pytest.mark.asyncio
async def test_listeners_wake_at_the_commit_and_not_before(database: Database) -> None:
    async with database.listen("lamps") as event:
        async with database.begin() as tx:
            await tx.notify("lamps")
            await asyncio.sleep(0.05)
            assert not event.is_set()
        await asyncio.wait_for(event.wait(), 5)


@pytest.mark.asyncio
async def test_a_database_that_is_away_is_a_transient_error(tmp_path: Path) -> None:
    away = Database(f"postgresql://musewise@/musewise?host={tmp_path}", "catalog")
    with pytest.raises(DatabaseUnavailable) as caught:
        await away.ping()
    assert caught.value.transient
    with pytest.raises(DatabaseUnavailable):
        async with away.listen("lamps"):
            pass
    await away.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("before", [0, 1], ids=["first", "later"])
async def test_a_statement_means_the_same_first_and_later_in_a_transaction(
    database: Database, before: int
) -> None:
    put = (
        "INSERT INTO lamp SELECT :night, number, 'a::b ' || CAST(:name AS text) "
        "FROM unnest(CAST(:numbers AS integer[])) AS number "
        "WHERE :night > 0 RETURNING number, name"
    )
    given = {"night": 7, "numbers": [1, 2], "name": "Ne", "unused": None}
    async with database.begin() as tx:
        for _ in range(before):
            await tx.execute("SELECT 1")
        found = await tx.execute(put, given)
        assert [tuple(row) for row in found] == [(1, "a::b Ne"), (2, "a::b Ne")]
        assert found.mappings().first() == {"number": 1, "name": "a::b Ne"}
        assert found.scalars().all() == [1, 2]
        nothing = await tx.execute("SELECT 1 WHERE false")
        assert (nothing.first(), nothing.scalar()) == (None, None)

    async def put_again() -> None:
        async with database.begin() as tx:
            for _ in range(before):
                await tx.execute("SELECT 1")
            await tx.execute("INSERT INTO lamp VALUES (7, 1, 'Ar')")

    with pytest.raises(IntegrityError, match="lamp"):
        await put_again()
    assert await count(database) == 2


@pytest.mark.asyncio
async def test_a_connection_cut_in_the_middle_is_a_transient_error(
    database: Database,
) -> None:
    async def be_cut() -> None:
        async with database.begin() as tx:
            pid = (await tx.execute("SELECT pg_backend_pid()")).scalar_one()
            async with database.begin() as other:
                await other.execute("SELECT pg_terminate_backend(:pid)", {"pid": pid})
            await asyncio.sleep(0.1)
            await tx.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable):
        await be_cut()
    await database.ping()


@pytest.mark.asyncio
async def test_a_connection_that_the_server_ended_is_never_given_out_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = "SELECT pg_backend_pid()"
    async with database.begin() as tx, database.begin() as other:
        pids = [(await one.execute(pid)).scalar_one() for one in (tx, other)]
    async with database.begin() as tx:
        mine = (await tx.execute(pid)).scalar_one()
        [idle] = set(pids) - {mine}
        await tx.execute("SELECT pg_terminate_backend(:pid)", {"pid": idle})
        await asyncio.sleep(0.1)
        async with database.begin() as other:
            assert (await other.execute(pid)).scalar_one() not in pids

    asked: list[object] = []
    for _ in range(10):  # all that the pool holds are new or were just used
        await database.ping()
    dialect = database.engine.sync_engine.dialect
    ping = dialect.do_ping
    monkeypatch.setattr(dialect, "do_ping", lambda one: asked.append(one) or ping(one))
    await database.ping()
    assert not asked, "a connection that was just used is not asked"
    monkeypatch.setattr("musecore.db.pooling._IDLE_S", 0.01)
    await asyncio.sleep(0.05)
    await database.ping()
    assert asked, "one that stood idle is"


@pytest.mark.asyncio
async def test_an_error_of_a_file_inside_a_transaction_stays_what_it_is(
    database: Database,
) -> None:
    async def open_nothing() -> None:
        async with database.begin():
            raise FileNotFoundError("no such frame")

    with pytest.raises(FileNotFoundError, match="no such frame"):
        await open_nothing()


def test_a_schema_name_that_is_no_name_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="DROP"):
        Database(postgres.url(), "x; DROP")


ENVIRONMENT = """
from lamps_for_test.tables import metadata
from musecore.db import run_migration_environment

run_migration_environment(metadata)
"""

TABLES = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("lamp", metadata, Column("id", Integer, primary_key=True))
"""

TEMPLATE = '''
"""${message}"""

from alembic import op
import sqlalchemy as sa

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """A service's package with tables and no revision yet."""
    root = tmp_path / "lamps_for_test"
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "tables.py").write_text(textwrap.dedent(TABLES))
    (root / "migrations" / "env.py").write_text(ENVIRONMENT)
    (root / "migrations" / "script.py.mako").write_text(TEMPLATE)
    sys.path.insert(0, str(tmp_path))
    invalidate_caches()
    yield "lamps_for_test"
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("lamps_for_test")]:
        del sys.modules[name]


@pytest.mark.asyncio
async def test_a_schema_is_migrated_from_zero_and_twice(
    databases: TemplateDatabases, package: str
) -> None:
    async with databases.database("lamps") as database:
        await upgrade(database, package)
        await make_revision(database, package, "initial", "0001")
        assert not await is_current(database, package)
        with pytest.raises(SchemaOutdated, match="lamps") as caught:
            await require_current(database, package)
        assert caught.value.hint == "Run: musewise-server migrate lamps"

        await upgrade(database, package)
        await upgrade(database, package)
        await require_current(database, package)


@pytest.mark.asyncio
async def test_two_servers_that_migrate_at_once_take_turns(
    databases: TemplateDatabases, package: str
) -> None:
    async with databases.database("lamps") as database:
        await make_revision(database, package, "initial", "0001")
        await asyncio.gather(*(upgrade(database, package) for _ in range(3)))
        assert await is_current(database, package)


@pytest.mark.asyncio
async def test_drift_between_tables_and_schema_is_found(
    databases: TemplateDatabases, package: str
) -> None:
    async with databases.database("lamps") as database:
        await make_revision(database, package, "initial", "0001")
        await upgrade(database, package)
        metadata: MetaData = sys.modules[f"{package}.tables"].metadata
        assert await model_differences(database, metadata) == []
        assert await model_differences(database, Row.metadata) != []


@pytest.mark.asyncio
async def test_schemas_of_services_in_one_database_do_not_meet(
    databases: TemplateDatabases,
) -> None:
    async with databases.url(("auth", None), ("catalog", None)) as url:
        auth, catalog = Database(url, "auth"), Database(url, "catalog")
        async with auth.begin() as tx:
            await tx.execute("CREATE TABLE person (id int)")
        async with catalog.begin() as tx:
            found = await tx.execute("SELECT to_regclass('person')")
            assert found.scalar_one() is None
        await auth.close()
        await catalog.close()


@pytest.mark.asyncio
async def test_a_database_that_is_shutting_down_is_away_not_broken(
    postgres: EmbeddedPostgres,
) -> None:
    folder = postgres.data_dir.parent / "ending"
    server = EmbeddedPostgres(folder, run_dir=postgres.data_dir.parent, fsync=False)
    await asyncio.to_thread(server.start)
    database = Database(server.url(), "public")
    try:
        async with database.begin() as tx:
            await tx.execute("SELECT 1")
            assert server.pid is not None
            os.kill(server.pid, signal.SIGTERM)  # it waits for the sessions to end
            await asyncio.sleep(0.2)
            late = Database(server.url(), "public")
            with pytest.raises(DatabaseUnavailable, match="shutting down") as raised:
                await late.ping()
            assert raised.value.transient
            await late.close()
    finally:
        await database.close()
        await asyncio.to_thread(server.stop)
