"""Who goes away stops what PostgreSQL does for them."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.catalog.catalog import Catalog
from tests.catalog.test_objects import _night
from tests.support.serving import served

pytestmark = pytest.mark.asyncio

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND state = 'active' AND wait_event_type = 'Lock'"
)


async def _waiting(tx: Any) -> int:
    await tx.execute("SELECT pg_stat_clear_snapshot()")
    return int((await tx.execute(WAITING)).scalar())


async def _until(tx: Any, number: int) -> None:
    for _ in range(500):
        if await _waiting(tx) == number:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"{await _waiting(tx)} statements wait, not {number}.")


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/objects", {"params": {"q": "ifu == 2"}}),
        ("POST", "/objects/table", {"json": {"query": {"aggregates": [{"name": "n", "function": "count"}]}}}),
        ("GET", "/objects/count", {}),
        ("GET", "/objects/stream", {"params": {"columns": "ifu"}}),
        ("GET", "/objects/export", {"params": {"format": "csv"}}),
    ],
)  # fmt: skip
async def test_a_client_that_goes_away_cancels_its_statement(
    catalog: Catalog, method: str, path: str, asked: dict[str, Any]
) -> None:
    await _night(catalog)
    headers = catalog.client().headers
    async with served(catalog.service.app) as url, catalog.database.begin() as tx:
        await tx.execute("LOCK TABLE frame IN ACCESS EXCLUSIVE MODE")
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            asking = asyncio.ensure_future(client.request(method, path, **asked))
            await _until(tx, 1)
            asking.cancel()
            await asyncio.wait({asking})
        await _until(tx, 0)  # while the lock still holds
    answer = await catalog.get("/objects/count")
    assert answer["count"] == 12


async def test_a_reader_that_stops_in_the_middle_leaves_no_statement(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    headers = catalog.client().headers
    async with served(catalog.service.app) as url:
        async with (
            httpx.AsyncClient(base_url=url, headers=headers) as client,
            client.stream("GET", "/objects/stream", params={"columns": "id"}) as answer,
        ):
            lines = answer.aiter_lines()
            assert "columns" in await anext(lines)
        async with catalog.database.begin() as tx:
            busy = (
                "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND "
                "datname = current_database() AND pid <> pg_backend_pid() "
                "AND query NOT LIKE 'LISTEN%'"
            )
            for _ in range(200):
                await tx.execute("SELECT pg_stat_clear_snapshot()")
                if not (await tx.execute(busy)).scalar():
                    return
                await asyncio.sleep(0.01)
        raise TimeoutError("A statement goes on.")
