"""The workers' door: many claims, heartbeats and results; steering by operators."""

import pytest

from musecore.db.engine import DatabaseUnavailable
from musecore.identity import Principal
from musecore.messages import TaskFinished
from musecore.outbox import envelope_of
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.scheduler.test_api import WORKER, as_, door
from tests.support.frames import make_night
from tests.support.scheduling import finished

OPERATOR = Principal(subject="op", name="op", scopes=frozenset({"admin"}))
NODE = {"cores": 4, "memory_mb": 24_000, "starting": True}


@pytest.mark.asyncio
async def test_claims_beats_and_results_go_by_http_and_each_is_answered(
    databases: TemplateDatabases,
) -> None:
    async with door(databases, frames=make_night(ifus=(1, 2))) as (client, at):
        client.headers.update(as_(WORKER))
        await at.broker.declare("catalog", [TaskFinished.name])
        await at.accept()
        offers = await at.offers()
        tasks = [{"task_id": str(o.task_id), "attempt": 1} for o in offers]
        unknown = {"task_id": str(uuid7()), "attempt": 1}
        wanted = {"worker": "w1", "tasks": [*tasks, unknown]}
        answers = (await client.post("/claims", json=wanted)).json()
        assert [bool(one["task"]) for one in answers] == [True, True, False]
        assert answers[2]["refused"]["code"] == "task_not_found"
        beats = [one | {"worker": "w1"} for one in (*tasks, unknown)]
        told = (await client.post("/heartbeats", json={"beats": beats})).json()
        assert [one["go_on"] for one in told] == [True, True, False]

        states = await at.states((await client.get("/jobs")).json()[0]["job_id"])
        assert states["muse_bias", 1] == "RUNNING"
        kept = [await at.service.claims.claim_many([], "w1")]
        assert kept == [[]]


@pytest.mark.asyncio
async def test_a_result_by_http_acts_once_and_is_passed_on(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, at):
        client.headers.update(as_(WORKER))
        await at.broker.declare("catalog", [TaskFinished.name])
        await at.accept()
        [offer] = await at.offers()
        envelope = envelope_of(finished(await at.claim(offer)))
        body = envelope.model_dump(mode="json")
        nonsense = body | {"message_id": str(uuid7()), "name": "task.dances.v1"}
        for _ in range(2):
            answer = await client.post("/results", json={"messages": [body, nonsense]})
            assert [one["taken"] for one in answer.json()] == [True, False]
            assert answer.json()[1]["refused"]["code"] == "not_a_result"
        await at.hear()
        assert await at.broker.depth("catalog") == 1
        assert await at.count("product") == len(envelope.payload["products"])
        assert await at.count("task WHERE state = 'DONE'") == 1


@pytest.mark.asyncio
async def test_operators_pause_workers_sites_and_pools_and_others_may_not(
    databases: TemplateDatabases,
) -> None:
    async with door(databases) as (client, _):
        service, op = as_(WORKER), as_(OPERATOR)
        answer = await client.put("/workers/w1", json=NODE, headers=service)
        assert answer.json()["state"] == "ACTIVE"
        assert (await client.put("/workers/w1", json=NODE)).status_code == 403
        why = {"reason": "disk swap"}
        refused = await client.post("/workers/w1/pause", json=why)
        assert refused.json()["code"] == "scope_missing"
        paused = await client.post("/workers/w1/pause", json=why, headers=op)
        assert (paused.json()["state"], paused.json()["reason"]) == (
            "PAUSED",
            "disk swap",
        )
        gates = await client.post("/sites/local/pause", json=why, headers=op)
        assert gates.json()[0]["name"] == "local"
        none = await client.post("/pools/tiny/pause", json=why, headers=op)
        assert none.json()["code"] == "pool_not_found"
        gates = await client.post("/sites/local/resume", headers=op)
        assert gates.json() == []
        events = (await client.get("/workers/w1/events")).json()
        assert [event["to_state"] for event in events] == ["PAUSED"]
        assert {pool["name"] for pool in (await client.get("/pools")).json()} >= {
            "huge"
        }
        share = await client.put("/shares/ada", json={"weight": 2}, headers=op)
        assert share.status_code == 204


@pytest.mark.asyncio
async def test_a_deadlock_is_tried_again_and_is_no_dead_letter(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        statement = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"
        with pytest.raises(DatabaseUnavailable) as raised:
            async with database.begin() as tx:
                await tx.execute(statement)
        assert raised.value.transient
