"""The door: tokens, problem documents, ids, and the workers' side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from muse_scheduler.main import create_app
from musecore.identity import Principal, SigningKey, TokenIssuer, TokenVerifier
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.support.frames import make_night, make_set
from tests.support.scheduling import ADA, BOB, Bench, bench

KEY = SigningKey.generate()
ISSUER = TokenIssuer(KEY, issuer="musewise", audience="musewise")
VERIFIER = TokenVerifier.of_key(KEY, issuer="musewise", audience="musewise")
WORKER = Principal(subject="w", name="w", scopes=frozenset({"service"}))

CUBE = {"product": "DATACUBE_FINAL", "target": "NGC 1"}


def as_(principal: Principal) -> dict[str, str]:
    token = ISSUER.issue(principal, timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def door(
    databases: TemplateDatabases, **options: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, Bench]]:
    async with bench(databases, **options) as at:
        app = create_app(at.service, database=at.database, verifier=VERIFIER)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://scheduler", headers=as_(ADA)
        ) as client:
            yield client, at


@pytest.mark.asyncio
async def test_nothing_is_told_without_a_token(databases: TemplateDatabases) -> None:
    async with door(databases) as (client, _):
        answer = await client.get("/jobs", headers={"Authorization": ""})
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthorized"
        assert (await client.get("/readyz")).status_code == 200


@pytest.mark.asyncio
async def test_a_plan_is_shown_and_then_accepted_by_its_id(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, _):
        plan = (await client.post("/plans", json=CUBE)).json()
        assert plan["runnable"]
        assert {"consumer", "category", "choice", "level"} <= set(plan["choices"][0])
        answer = await client.post("/jobs", json={"plan_id": plan["plan_id"]})
        assert answer.status_code == 201
        job = answer.json()
        assert job["request"]["owner"] == "ada"
        assert job["tasks_total"] == len(plan["tasks"])
        short = (await client.get(f"/jobs/{job['job_id'][:20]}")).json()
        assert short["job_id"] == job["job_id"]
        [listed] = (await client.get("/jobs")).json()
        assert listed["job_id"] == job["job_id"]
        unknown = await client.post("/jobs", json={"plan_id": str(uuid7())})
        assert unknown.json()["code"] == "plan_not_found"


@pytest.mark.asyncio
async def test_tags_on_request_are_taken_under_the_name_with(
    databases: TemplateDatabases,
) -> None:
    dark = make_set("DARK", datetime(2024, 3, 11, 14, tzinfo=UTC), 5, ifus=(1,))
    frames = make_night(ifus=(1,)) + dark
    async with door(databases, frames=frames) as (client, _):
        wanted = CUBE | {"without": ["ILLUM"], "with": ["MASTER_DARK"]}
        plan = (await client.post("/plans", json=wanted)).json()
        assert plan["request"]["with"] == ["MASTER_DARK"]
        assert "muse_dark" in {part["recipe"] for part in plan["recipes"]}
        assert "ILLUM" not in {choice["category"] for choice in plan["choices"]}


@pytest.mark.asyncio
async def test_an_unknown_target_is_a_problem_document_with_a_suggestion(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, _):
        answer = await client.post("/plans", json=CUBE | {"target": "NGC1"})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (404, "unknown_target")
        assert "Did you mean 'NGC 1'?" in problem["hint"]
        assert problem["loc"] == ["body", "target"]


@pytest.mark.asyncio
async def test_a_field_that_does_not_exist_is_malformed_input(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, _):
        answer = await client.post("/plans", json=CUBE | {"targett": "NGC 1"})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        answer = await client.post("/jobs", json=CUBE | {"ifus": [25]})
        assert answer.status_code == 422


@pytest.mark.asyncio
async def test_a_forbidden_job_looks_like_an_unknown_one(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, _):
        job = (await client.post("/jobs", json=CUBE)).json()["job_id"]
        [task, *_] = (await client.get(f"/jobs/{job}/tasks")).json()
        assert (await client.get("/jobs", headers=as_(BOB))).json() == []
        forbidden = await client.get(f"/jobs/{job}", headers=as_(BOB))
        unknown = await client.get(f"/jobs/{uuid7()}", headers=as_(BOB))
        assert forbidden.status_code == unknown.status_code == 404
        assert forbidden.json()["code"] == unknown.json()["code"] == "job_not_found"
        hidden = await client.get(f"/tasks/{task['task_id']}", headers=as_(BOB))
        assert hidden.json()["code"] == "task_not_found"
        other = CUBE | {"project": "local"}
        answer = await client.post("/plans", json=other, headers=as_(BOB))
        assert answer.json()["code"] == "project_not_found"


@pytest.mark.asyncio
async def test_only_services_claim(databases: TemplateDatabases) -> None:
    async with door(databases) as (client, at):
        await client.post("/jobs", json=CUBE)
        [offer] = await at.offers()
        body = {"attempt": offer.attempt, "worker": "w1"}
        path = f"/tasks/{offer.task_id}"
        answer = await client.post(f"{path}/claim", json=body)
        assert answer.json()["code"] == "scope_missing"
        answer = await client.post(f"{path}/claim", json=body, headers=as_(WORKER))
        claimed = answer.json()
        assert claimed["recipe"] == "muse_bias"
        assert claimed["outputs"][0] == {
            "tag": "MASTER_BIAS",
            "min": 1,
            "per_ifu": True,
        }
        assert {"object_key", "sha256", "filename"} <= set(claimed["inputs"][0])
        again = await client.post(f"{path}/claim", json=body, headers=as_(WORKER))
        assert (again.status_code, again.json()["code"]) == (409, "not_claimable")
        beat = await client.post(f"{path}/heartbeat", json=body, headers=as_(WORKER))
        assert beat.json() == {"go_on": True, "reason": ""}


@pytest.mark.asyncio
async def test_a_job_is_steered_over_http(databases: TemplateDatabases) -> None:
    frames = make_night(ifus=(1, 2), full=False)
    async with door(databases, frames=frames) as (client, at):
        job = (await client.post("/jobs", json=CUBE)).json()["job_id"]
        early = await client.post(f"/jobs/{job}/fan-in", json={"at_least": 1})
        assert early.status_code == 200
        await at.work(fails=lambda task: task.recipe == "muse_flat" and task.ifu == 2)
        shown = (await client.get(f"/jobs/{job}")).json()
        assert shown["state"] == "DONE"
        assert shown["progress"]["muse_flat"]["failed"] == 1
        [product] = shown["products"]
        params = {"frame_id": product["frame_id"]}
        why = (await client.get("/why", params=params)).json()
        assert any("IFU 2" in caveat for caveat in why["caveats"])
        tasks = (await client.get(f"/jobs/{job}/tasks")).json()
        failed = next(t for t in tasks if t["state"] == "FAILED")
        attempts = await client.get(f"/tasks/{failed['task_id']}/attempts")
        assert attempts.json()[0]["outcome"] == "recipe_error"
        events = await client.get(f"/tasks/{failed['task_id']}/events")
        assert events.json()[-1]["to_state"] == "FAILED"
        retried = await client.post(f"/tasks/{failed['task_id']}/retry")
        assert retried.json()["state"] == "QUEUED"
        cancelled = await client.post(f"/jobs/{job}/cancel")
        assert cancelled.json()["state"] == "CANCELLED"
        await at.offers()  # those of the cancelled attempt are of no use
        again = await client.post(f"/jobs/{job}/retry")
        assert again.json()["state"] == "RUNNING"  # the IFU left out is tried again
        await at.work()
        whole = (await client.get(f"/jobs/{job}")).json()
        assert whole["state"] == "DONE"
        assert whole["progress"]["muse_flat"]["failed"] == 0
        nothing = await client.get("/why", params={"frame_id": str(uuid7())})
        assert nothing.json()["code"] == "product_not_found"
