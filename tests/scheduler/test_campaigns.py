"""Many nights planned at once: the same tasks as night by night, and nothing twice."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from muse_scheduler.main import create_app
from muse_scheduler.models import JobState, PlanRequest
from muse_scheduler.service.campaigns import job_of
from musecore.identity import SigningKey, TokenIssuer, TokenVerifier
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.support.frames import EVENING, make_night
from tests.support.scheduling import ADA, Bench, bench

EACH = PlanRequest(product="DATACUBE_FINAL", combine=False)
NIGHTS = ["2024-03-10", "2024-03-11", "2024-03-12"]
FRAMES = [
    *make_night(ifus=(1, 2)),
    *make_night(EVENING + timedelta(days=1), ifus=(1, 2), statics=False),
]

KEY = SigningKey.generate()
BODY = {"request": {"product": "DATACUBE_FINAL"}, "nights": NIGHTS}


@asynccontextmanager
async def door(
    databases: TemplateDatabases,
) -> AsyncIterator[tuple[httpx.AsyncClient, Bench]]:
    token = TokenIssuer(KEY, issuer="musewise", audience="musewise").issue(
        ADA, timedelta(hours=1)
    )
    async with bench(databases, frames=FRAMES) as at:
        app = create_app(
            at.service,
            database=at.database,
            verifier=TokenVerifier.of_key(KEY, issuer="musewise", audience="musewise"),
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://scheduler",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ) as client:
            yield client, at


async def lines(client: httpx.AsyncClient, path: str, **body: Any) -> list[Any]:
    answer = await client.post(path, json=BODY | body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.asyncio
async def test_a_campaign_makes_a_job_of_every_night_that_has_something(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        campaign = uuid7()
        made = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS)
        found = {one.night: one async for one in made}
        assert [found[n].new for n in NIGHTS] == [True, True, False]
        assert found["2024-03-12"].why_not == ("nothing is selected",)
        for night in NIGHTS[:2]:
            job = str(job_of(campaign, night))
            shown = await at.service.planning.preview(
                ADA, EACH.model_copy(update={"night": night})
            )
            tasks = await at.service.jobs.tasks(ADA, job)
            assert {t.key for t in tasks} == {t.key for t in shown.tasks}
        await at.work()
        for night in NIGHTS[:2]:
            job = str(job_of(campaign, night))
            assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE


@pytest.mark.asyncio
async def test_a_campaign_that_broke_off_goes_on_with_the_nights_that_are_left(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        campaign = uuid7()
        first = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS[1:2])
        assert [one.new async for one in first] == [True]
        before = await at.count("task")
        again = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS)
        news = {one.night: one.new async for one in again}
        assert news == {NIGHTS[0]: True, NIGHTS[1]: False, NIGHTS[2]: False}
        assert await at.count("task") > before
        tasks = await at.count("task")
        other = at.service.campaigns.accept(ADA, uuid7(), EACH, NIGHTS[:2])
        assert [one.new async for one in other] == [True, True]
        assert await at.count("task") == tasks
        assert await at.count("job") == 4


@pytest.mark.asyncio
async def test_a_campaign_is_looked_at_over_http_and_nothing_is_stored(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, at):
        nights = await lines(client, "/campaigns/preview")
        assert [one["night"] for one in nights] == NIGHTS
        assert [one["new"] for one in nights] == [True, True, False]
        assert [one["job_id"] for one in nights] == [None, None, None]
        assert nights[2]["why_not"] == ["nothing is selected"]
        shown = await at.service.planning.preview(
            ADA, EACH.model_copy(update={"night": NIGHTS[0]})
        )
        assert nights[0]["tasks"] == len(shown.tasks)
        assert nights[0]["to_run"] == Counter(task.recipe for task in shown.tasks)
        assert nights[0]["est_s"] == sum(task.est_s for task in shown.tasks)
        assert [await at.count(name) for name in ("job", "task")] == [0, 0]


@pytest.mark.asyncio
async def test_a_campaign_is_accepted_over_http_and_asked_again_makes_nothing_twice(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, at):
        campaign = str(uuid7())
        made = await lines(client, "/campaigns", campaign_id=campaign)
        assert [one["new"] for one in made] == [True, True, False]
        jobs = [one["job_id"] for one in made[:2]]
        listed = (await client.get("/jobs")).json()
        assert sorted(job["job_id"] for job in listed) == sorted(jobs)
        again = await lines(client, "/campaigns", campaign_id=campaign)
        assert {one["job_id"] for one in again} == {*jobs, None}
        assert not any(one["new"] for one in again)
        assert await at.count("job") == 2
        await at.work()
        later = await lines(client, "/campaigns/preview")
        assert [one["to_run"] for one in later] == [{}, {}, {}]


def asked(**request: Any) -> dict[str, Any]:
    return {"request": {"product": "DATACUBE_FINAL"} | request}


WRONG = [
    (asked(project="x"), 404, "project_not_found"),
    (asked(target="NGC1"), 404, "unknown_target"),
    (asked(product="CUBE_OF_ICE"), 404, "unknown_name"),
    (asked(parameters={"scipost.crsgima": "3"}), 422, "unknown_parameter"),
    (asked(night=NIGHTS[0]), 422, "invalid"),
    (asked(combine=True), 422, "invalid"),
    ({"nights": []}, 422, "invalid"),
    ({"nights": ["yesterday"]}, 422, "invalid"),
]


@pytest.mark.asyncio
async def test_what_is_wrong_with_a_campaign_is_a_problem_document(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, at):
        for change, status, code in WRONG:
            body = BODY | {"campaign_id": str(uuid7())} | change
            answer = await client.post("/campaigns", json=body)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await at.count("job") == 0
