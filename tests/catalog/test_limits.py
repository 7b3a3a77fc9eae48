"""What happens to a query that takes too long, or whose PostgreSQL is away."""

import asyncio
import base64
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from musecore.db import Database, EmbeddedPostgres, upgrade
from musecore.testing import TemplateDatabases
from tests.catalog.catalog import Catalog
from tests.catalog.frames import make_raw, raw_keywords

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def hurried(databases: TemplateDatabases) -> AsyncIterator[Catalog]:
    async with databases.database("catalog", "muse_catalog") as database:
        made = Catalog(database, query_seconds=0.2)
        await made.start()
        yield made
        await made.stop()


async def test_a_query_is_stopped_when_its_time_is_over(hurried: Catalog) -> None:
    await hurried.put(make_raw(1), "bias1.fits")
    async with hurried.database.begin() as tx, hurried.client() as client:
        await tx.execute("LOCK TABLE frame IN ACCESS EXCLUSIVE MODE")
        answer = await asyncio.wait_for(client.get("/objects?q=ifu == 1"), 5)
    assert answer.status_code == 422, answer.text
    said = answer.json()
    assert said["code"] == "query_too_long"
    assert said["detail"] == "The query took longer than 0.2 s and was stopped."
    assert "Name a class" in said["hint"]
    assert len((await hurried.get("/objects", q="ifu == 1"))["items"]) == 1


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # the account of the server goes through it
        yield Path(name)


async def test_a_query_works_again_after_postgresql_was_away(
    open_folder: Path,
) -> None:
    server = EmbeddedPostgres(open_folder / "pg", fsync=False)
    await asyncio.to_thread(server.start)
    database = Database(server.url(), "catalog")
    try:
        await upgrade(database, "muse_catalog")
        catalog = Catalog(database)
        await catalog.start()
        try:
            await catalog.put(make_raw(1), "bias1.fits")
            await asyncio.to_thread(server.stop)
            async with catalog.client() as client:
                answer = await client.get("/objects?q=ifu == 1")
            assert answer.status_code == 503, answer.text
            assert answer.json()["code"] == "database_unavailable"
            assert "again" in answer.json()["hint"]
            assert answer.headers["Retry-After"]
            await asyncio.to_thread(server.start)
            assert len((await catalog.get("/objects", q="ifu == 1"))["items"]) == 1
        finally:
            await catalog.stop()
    finally:
        await database.close()
        await asyncio.to_thread(server.stop)


def _place(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    ("order", "after", "said"),
    [
        ("", [], "not what a page gave"),
        ("", [5], "another order"),
        ("target", [{"date": "2014-06-24"}, {"id": "0" * 32}], "another order"),
        ("ifu", ["x", {"id": "0" * 32}], "another order"),
        ("ifu", [10**20, {"id": "0" * 32}], "not one that its attribute can have"),
        ("target", ["\x00", {"id": "0" * 32}], "not one that its attribute can have"),
    ],
)
async def test_a_place_of_another_order_is_refused(
    catalog: Catalog, order: str, after: list[object], said: str
) -> None:
    asked = {"order": order, "after": _place(*after)}
    async with catalog.client() as client:
        answer = await client.get("/objects", params=asked)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("q", ["obs_id == 99999999999999999999", "target == '\x00'"])
async def test_a_value_that_no_column_holds_is_refused(
    catalog: Catalog, q: str
) -> None:
    async with catalog.client() as client:
        answer = await client.get("/objects", params={"q": q})
    assert answer.status_code == 422, answer.text
    assert answer.json()["hint"]


@pytest.mark.parametrize(
    "changes",
    [
        {"MJD-OBS": 1e300},
        {"ESO TPL EXPNO": 2**40},
        {"ESO OBS ID": 10**30},
        {"OBJECT": "a\x00b"},
        {"RA": 10**400},
    ],
)
async def test_numbers_and_texts_that_no_column_holds_lose_no_frame(
    catalog: Catalog, changes: dict[str, object]
) -> None:
    row = {"name": "bias", "kind": "raw", "keywords": {**raw_keywords(1), **changes}}
    body = {"project": "local", "rows": [row]}
    [done] = await catalog.post("/register", body)
    assert done["state"] == "registered", done
    assert (await catalog.get(f"/frames/{done['frame_id']}"))["tag"] == "BIAS"
