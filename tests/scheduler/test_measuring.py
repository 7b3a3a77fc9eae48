"""What the scheduler tells of its tasks; and whose trace its messages carry."""

import httpx
import pytest

from muse_scheduler.main import create_app
from muse_scheduler.service import Policy
from musecore.telemetry import REGISTRY
from tests.scheduler.test_api import CUBE, VERIFIER, as_
from tests.support.collector import Collector
from tests.support.scheduling import ADA, bench

pytestmark = pytest.mark.asyncio


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def by_state() -> dict[str, float]:
    counts: dict[str, float] = {}
    for family in REGISTRY.collect():
        if family.name == "musewise_scheduler_tasks":
            for sample in family.samples:
                state = sample.labels["state"]
                counts[state] = counts.get(state, 0) + sample.value
    return {state: n for state, n in counts.items() if n}


async def test_tasks_are_counted_by_state_and_the_queue_has_an_age(databases):
    async with bench(databases, policy=Policy(slots=1, window=1.0)) as at:
        job = await at.accept()
        async with at.database.begin() as tx:
            await tx.execute("UPDATE task SET queued_at = now() - interval '5 min'")
        await at.service.measuring.look()
        states = list((await at.states(job)).values())
        assert by_state() == {s: states.count(s) for s in set(states)}
        ages = [
            sample.value
            for family in REGISTRY.collect()
            if family.name == "musewise_scheduler_queue_age_seconds"
            for sample in family.samples
            if sample.labels["state"] == "QUEUED"
        ]
        assert 300 <= max(ages) < 330
        flying = [s for s in states if s in ("QUEUED", "RUNNING")]
        in_flight = [
            sample.value
            for family in REGISTRY.collect()
            if family.name == "musewise_scheduler_in_flight_tasks"
            for sample in family.samples
        ]
        assert sum(in_flight) == len(flying)


async def test_a_lost_lease_is_counted_when_it_is_committed(databases):
    async with bench(databases, policy=Policy(slots=50, lease_s=-1.0)) as at:
        await at.accept()
        [offer, *_] = await at.offers()
        task = await at.claim(offer)
        labels = {"pool": offer.pool}
        before = value("musewise_scheduler_lease_losses_total", **labels)
        await at.service.reaper.tick()
        after = value("musewise_scheduler_lease_losses_total", **labels)
        assert task.attempt == 1
        assert after == before + 1


async def test_requested_tasks_carry_the_trace_of_the_plan_that_wanted_them(databases):
    async with bench(databases) as at:
        app = create_app(at.service, database=at.database, verifier=VERIFIER)
        with Collector() as collector:
            with collector.traced_as("scheduler"):
                async with httpx.AsyncClient(
                    transport=httpx.ASGITransport(app),
                    base_url="http://scheduler",
                    headers=as_(ADA),
                ) as client:
                    answer = await client.post("/jobs", json=CUBE)
                    assert answer.status_code == 201
            [post] = [s for s in collector.spans() if s.name == "POST /jobs"]
        async with at.database.begin() as tx:
            found = await tx.execute(
                "SELECT headers FROM outbox WHERE routing_key LIKE 'task.requested%'"
            )
            headers = [row[0] for row in found]
        assert headers
        for one in headers:
            assert one["traceparent"].split("-")[1] == post.trace_id.hex()
            assert one["correlation_id"]
