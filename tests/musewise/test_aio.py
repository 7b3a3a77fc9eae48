"""The async client: tokens, pages, plans and jobs, on canned answers."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from musewise import aio
from musewise._generated.catalog.api import frames as frame_calls
from musewise.answers import TABLE_ROWS
from musewise.asking import AsyncConnection
from musewise.errors import (
    JobFailedError,
    NotAuthenticatedError,
    NotFoundError,
    TooManyError,
    UsageError,
)
from musewise.settings import Account, Server
from tests.musewise.canned import JOB_ID, TOKEN, URL, make_job, make_plan
from tests.musewise.canned_server import CannedServer
from tests.musewise.test_accounts import Fleet

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def awaited(server: CannedServer):
    found = Server(url=URL, token=TOKEN)
    async with aio.Session(found, transport=server.transport()) as muse:
        yield muse


def connected(fleet: Fleet, secret: str = "right") -> AsyncConnection:
    server = Server(
        url="http://hub",
        services={"catalog": "http://c:1", "auth": "http://a:2/"},
        account=Account("ann", secret),
    )
    return AsyncConnection(server, transport=httpx.MockTransport(fleet))


async def test_an_account_signs_in_once_for_many_calls_at_the_services_addresses():
    fleet = Fleet()
    connection = connected(fleet)
    await asyncio.gather(*(connection.ask(frame_calls.get_nights()) for _ in range(3)))
    assert fleet.seen == ["http://a:2/token", *["http://c:1/nights"] * 3]
    await connection.close()


async def test_a_token_that_is_over_is_renewed_and_the_call_repeated():
    fleet = Fleet()
    connection = connected(fleet)
    await connection.ask(frame_calls.get_nights())
    fleet.valid = "token-2"
    assert await connection.ask(frame_calls.get_nights()) == {"items": []}
    assert fleet.given == 2
    await connection.close()


async def test_a_wrong_secret_is_said():
    connection = connected(Fleet(), "wrong")
    with pytest.raises(NotAuthenticatedError):
        await connection.ask(frame_calls.get_nights())
    await connection.close()


async def test_a_token_of_a_file_is_read_again_when_it_is_over(tmp_path):
    fleet, file = Fleet(), tmp_path / "token"
    file.write_text("token-1")
    server = Server(url="http://hub", token="old", token_file=file)
    connection = AsyncConnection(server, transport=httpx.MockTransport(fleet))
    assert await connection.ask(frame_calls.get_nights()) == {"items": []}
    await connection.close()


async def test_what_is_asked_is_what_the_sync_client_asks(muse, server):
    answer = {"items": [], "next": None}
    server.answers["GET /catalog/objects"] = (200, answer)
    query = muse.query("BIAS", "nifu == 6").order_by("-date_obs").in_project("gto")
    assert list(query) == []
    async with awaited(server) as twin:
        assert [one async for one in twin.query(query)] == []
    first, second = server.sent("GET", "/catalog/objects")
    assert first["q"] == second["q"] == "nifu == 6"
    for name in ("class", "order", "projects"):
        assert first[name] == second[name]


async def test_a_table_that_is_too_long_is_refused_before_it_is_read(server):
    count = {"count": TABLE_ROWS + 1, "exact": False}
    server.answers["GET /catalog/objects/count"] = (200, count)
    async with awaited(server) as twin:
        with pytest.raises(TooManyError, match="limit"):
            await twin.query("BIAS").to_table()
    assert not server.sent("GET", "/catalog/objects/table")


async def test_a_plan_that_cannot_run_is_told_and_not_run(server):
    server.plan = make_plan(runnable=False, not_runnable_because=["no flats"])
    async with awaited(server) as twin:
        with pytest.raises(UsageError, match="no flats"):
            await twin.process("DATACUBE_FINAL", target="HDFS")
    assert not server.sent("POST", "/scheduler/jobs")


async def test_a_recipe_of_a_day_is_asked_for_as_the_sync_client_does(server):
    server.jobs = [make_job("DONE")]
    async with awaited(server) as twin:
        job = await twin.run(
            "scipost", date="2014-12-08", commit=False, p={"crsigma": 1}
        )
        assert (await job.wait(poll_s=0)).state == "DONE"
    [planned] = server.sent("POST", "/scheduler/plans")
    assert planned["parameters"] == {"muse_scipost.crsigma": 1}
    assert planned["trial"] is True


async def test_a_job_that_ends_without_its_products_is_an_error(server):
    server.jobs = [make_job("CANCELLED")]
    async with awaited(server) as twin:
        job = await twin.job(JOB_ID)
        with pytest.raises(JobFailedError, match="CANCELLED"):
            await job.wait(poll_s=0)
        with pytest.raises(NotFoundError):
            await twin.frame("ffffffff")


async def test_waiting_can_be_given_up_and_the_job_goes_on(server):
    server.jobs = [make_job("RUNNING")]
    async with awaited(server) as twin:
        job = await twin.job(JOB_ID)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(job.wait(poll_s=0.01), 0.1)
    assert not server.sent("POST", f"/scheduler/jobs/{JOB_ID}/cancel")
