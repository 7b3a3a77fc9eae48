"""What failures lead to: again, elsewhere, with more, given up, or a worker set aside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muse_scheduler.models import Announcement, JobState, WorkerState
from muse_scheduler.service import Policy
from muse_scheduler.service.jobs import TaskNotRetryable
from musecore.errors import WorkerPaused
from musecore.identity import Principal
from musecore.messages import HANDED_BACK, TaskRequested
from musecore.testing import TemplateDatabases, frozen_clock
from tests.support.frames import make_night
from tests.support.scheduling import ADA, Bench, bench

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = (1, 2, 3)
OPERATOR = Principal(subject="op", name="op", scopes=frozenset({"admin"}))
NODE = Announcement(cores=4, memory_mb=24_000)
SIX = (1, 2, 3, 4, 5, 6)


@pytest.mark.asyncio
async def test_a_worker_that_fails_three_different_tasks_is_cordoned(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=SIX, full=False)) as at:
        await at.service.fleet.announce("w1", NODE)
        await at.service.fleet.announce("w2", NODE)
        await at.accept()
        offers = await at.offers()
        for offer in offers[:2]:
            await at.fail(await at.claim(offer), "infrastructure", "no disk")
        assert (await at.service.fleet.worker("w1")).state is WorkerState.ACTIVE
        await at.fail(await at.claim(offers[2]), "bad_product", "no product")
        shown = await at.service.fleet.worker("w1")
        assert shown.state is WorkerState.CORDONED
        assert "3 different tasks" in shown.reason
        with pytest.raises(WorkerPaused, match="3 different tasks"):
            await at.claim(offers[3])
        [event] = await at.service.fleet.events("w1")
        assert event.to_state is WorkerState.CORDONED
        await at.service.fleet.order(OPERATOR, "w1", WorkerState.ACTIVE, "new disk")
        assert (await at.service.fleet.worker("w1")).state is WorkerState.ACTIVE


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        ("out_of_memory", "too much"),
        ("recipe_error", "saturated"),
        ("infrastructure", f"{HANDED_BACK}: w1 was stopped."),
    ],
)
async def test_what_is_not_the_fault_of_a_worker_does_not_cordon_it(
    databases: TemplateDatabases, failure: str, detail: str
) -> None:
    async with bench(databases, frames=make_night(ifus=SIX, full=False)) as at:
        await at.service.fleet.announce("w1", NODE)
        await at.accept()
        for offer in (await at.offers())[:4]:
            await at.fail(await at.claim(offer), failure, detail)
        assert (await at.service.fleet.worker("w1")).state is WorkerState.ACTIVE


@pytest.mark.asyncio
async def test_a_failure_that_all_workers_share_cordons_none(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=SIX, full=False)) as at:
        for name in ("w1", "w2"):
            await at.service.fleet.announce(name, NODE)
        await at.accept()
        offers = await at.offers()
        task = await at.claim(offers[0], "w2")
        await at.fail(task, "infrastructure", "S3 is away", worker="w2")
        for offer in offers[1:5]:
            await at.fail(await at.claim(offer), "infrastructure", "S3 is away")
        states = {worker.state for worker in await at.service.fleet.workers()}
        assert states == {WorkerState.ACTIVE}


@pytest.mark.asyncio
async def test_a_task_that_is_handed_back_is_offered_at_once_outside_its_budget(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(slots=4, infrastructure_tries=1)) as at:
        await at.accept()
        for _ in range(3):
            [offer] = await at.offers()
            task = await at.claim(offer)
            await at.fail(task, "infrastructure", f"{HANDED_BACK}: w1 was stopped.")
        assert len(await at.offers()) == 1


@pytest.mark.asyncio
async def test_a_failed_recipe_shows_the_line_that_tells(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        [offer] = await at.offers()
        await at.fail(await at.claim(offer))
        [task] = [
            t for t in await at.service.jobs.tasks(ADA, job) if t.state == "FAILED"
        ]
        assert "[ ERROR ] saturated" in task.reason


# -- recipes, time and room
@pytest.mark.asyncio
async def test_a_recipe_error_fails_the_task_and_blocks_what_needs_it(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=THREE, full=False)) as at:
        job = await at.accept()
        await at.work(fails=lambda t: t.recipe == "muse_flat" and t.ifu == 2)
        states = await at.states(job)
        assert states["muse_flat", 2] == "FAILED"
        assert states["muse_wavecal", 2] == "BLOCKED"
        assert states["muse_scipost", None] == "BLOCKED"
        assert states["muse_scibasic", 1] == states["muse_scibasic", 3] == "DONE"
        shown = await at.service.jobs.job(ADA, job)
        assert shown.state is JobState.BLOCKED
        assert shown.progress["muse_flat"].ifus["2"] == "FAILED"
        assert "muse_flat of IFU 2" in shown.messages[-1]
        tasks = await at.service.jobs.tasks(ADA, job)
        failed = next(t for t in tasks if t.state == "FAILED")
        [attempt] = await at.service.jobs.attempts(ADA, failed.task_id)
        assert attempt.telling_lines == ("[ ERROR ] saturated",)


@pytest.mark.asyncio
async def test_a_retry_releases_what_was_blocked(databases: TemplateDatabases) -> None:
    async with bench(databases, frames=make_night(ifus=THREE, full=False)) as at:
        job = await at.accept()
        await at.work(fails=lambda t: t.recipe == "muse_flat" and t.ifu == 2)
        tasks = await at.service.jobs.tasks(ADA, job)
        failed = next(t for t in tasks if t.state == "FAILED")
        await at.service.jobs.retry_task(ADA, failed.task_id)
        assert (await at.states(job))["muse_scipost", None] == "WAITING"
        await at.work()
        assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE
        events = await at.service.jobs.events(ADA, failed.task_id)
        assert [event.to_state for event in events][-5:] == [
            *("WAITING", "READY", "QUEUED", "RUNNING", "DONE"),
        ]
        with pytest.raises(TaskNotRetryable):
            await at.service.jobs.retry_task(ADA, failed.task_id)


@pytest.mark.asyncio
async def test_a_second_failed_ancestor_keeps_a_task_blocked(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=THREE, full=False)) as at:
        job = await at.accept()
        await at.work(fails=lambda t: t.recipe == "muse_flat" and t.ifu != 1)
        tasks = await at.service.jobs.tasks(ADA, job)
        failed = next(t for t in tasks if t.state == "FAILED")
        await at.service.jobs.retry_task(ADA, failed.task_id)
        assert (await at.states(job))["muse_scipost", None] == "BLOCKED"
        assert (await at.states(job))["muse_wavecal", failed.ifu] == "WAITING"
        await at.service.retrying.retry(ADA, job)
        assert (await at.states(job))["muse_scipost", None] == "WAITING"


@pytest.mark.asyncio
async def test_a_lost_machine_is_tried_five_times_with_growing_waits(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            job = await at.accept()
            waits = []
            for _ in range(5):
                began = clock.now
                while not (offers := await at.offers()):
                    clock.advance(timedelta(seconds=1))
                    await at.service.reaper.tick()
                waits.append((clock.now - began).total_seconds())
                await at.fail(await at.claim(offers[0]), "infrastructure", "no disk")
            assert (await at.states(job))["muse_bias", 1] == "FAILED"
            assert waits[0] == 0
            assert waits[1] < waits[2] < waits[3] < waits[4]
            await at.service.retrying.retry(ADA, job)
            [offer] = await at.offers()
            await at.fail(await at.claim(offer), "infrastructure", "no disk")
            assert (await at.states(job))["muse_bias", 1] == "READY"


@pytest.mark.asyncio
async def test_too_little_time_is_doubled_once(databases: TemplateDatabases) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        [offer] = await at.offers()
        first = await at.claim(offer)
        await at.fail(first, "time_limit")
        [offer] = await at.offers()
        second = await at.claim(offer)
        assert second.timeout_s == 2 * first.timeout_s
        await at.fail(second, "time_limit")
        assert (await at.states(job))["muse_bias", 1] == "FAILED"


@pytest.mark.asyncio
async def test_a_full_store_makes_a_task_wait_and_tells_what_to_do(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            job = await at.accept()
            [offer] = await at.offers()
            await at.fail(await at.claim(offer), "storage_full", "0.1 GB are free.")
            assert (await at.states(job))["muse_bias", 1] == "READY"
            message = (await at.service.jobs.job(ADA, job)).messages[-1]
            assert "store is full" in message
            assert "Free some room" in message
            clock.advance(timedelta(seconds=61))
            await at.service.reaper.tick()
            [again] = await at.offers()
            assert again.attempt == 2


# -- where it is tried again
async def routing_keys(at: Bench) -> list[str]:
    """Give the routing keys of requested tasks, as they come."""
    keys: list[str] = []

    async def listen(delivery: Any) -> None:
        keys.append(delivery.message.routing_key)

    await at.broker.subscribe("keys", [f"{TaskRequested.name}.#"], listen)
    return keys


@pytest.mark.asyncio
async def test_a_task_that_a_machine_lost_is_offered_to_another_first(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        keys = await routing_keys(at)
        with frozen_clock(NOON) as clock:
            own = NODE.model_copy(update={"own_queue": True})
            for name in ("w1", "w2", "w3"):
                await at.service.fleet.announce(name, own)
            await at.accept()
            [offer] = await at.offers()
            for name, other in (("w1", "w2"), ("w2", "w3")):
                task = await at.claim(offer, name)
                keys.clear()
                await at.fail(task, "infrastructure", "no disk", worker=name)
                clock.advance(timedelta(seconds=50))
                for worker in ("w1", "w2", "w3"):
                    await at.service.fleet.announce(worker, own)
                await at.service.reaper.tick()
                [offer] = await at.offers()
                assert keys == [f"task.requested.v1.at.{other}"]


@pytest.mark.asyncio
async def test_the_only_worker_gets_a_task_again_that_it_lost(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(backoff_s=0.0)) as at:
        keys = await routing_keys(at)
        own = NODE.model_copy(update={"own_queue": True})
        await at.service.fleet.announce("w1", own)
        await at.accept()
        [offer] = await at.offers()
        await at.fail(await at.claim(offer, "w1"), "infrastructure", "no disk")
        await at.service.reaper.tick()
        [again] = await at.offers()
        assert (again.task_id, again.attempt) == (offer.task_id, 2)
        assert keys[-1] == "task.requested.v1.small"


@pytest.mark.asyncio
async def test_a_job_is_told_once_when_no_worker_serves_the_pool_it_needs(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            small = NODE.model_copy(update={"memory_mb": 500, "pools": ("large",)})
            await at.service.fleet.announce("w1", small)
            job = await at.accept()
            assert await at.offers() == []
            await at.service.reaper.look_for_workers()
            assert not any("pool small" in m for m in await messages(at, job))
            for _ in range(2):
                clock.advance(timedelta(seconds=61))
                await at.service.fleet.announce("w1", small)
                await at.service.reaper.look_for_workers()
            [said] = [m for m in await messages(at, job) if "pool small" in m]
            assert "2048 MB" in said
            await at.service.fleet.announce("w2", NODE)
            await at.service.reaper.tick()
            assert len(await at.offers()) == 1


async def messages(at: Bench, job: Any) -> list[str]:
    return list((await at.service.jobs.job(ADA, job)).messages)


@pytest.mark.asyncio
async def test_a_worker_in_trouble_gets_nothing_until_the_trouble_is_over(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        fleet = at.service.fleet
        full = NODE.model_copy(update={"trouble": "its disk is full."})
        await fleet.announce("w1", NODE)
        orders = await fleet.announce("w1", full)
        assert orders.state is WorkerState.CORDONED
        assert "its disk is full" in orders.reason
        await at.accept()
        assert await at.offers() == []
        assert (await fleet.announce("w1", NODE)).state is WorkerState.ACTIVE
        assert len(await at.offers()) == 1


@pytest.mark.asyncio
async def test_a_worker_that_people_cordoned_is_not_freed_by_saying_that_it_is_well(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        fleet = at.service.fleet
        await fleet.announce("w1", NODE)
        await fleet.order(OPERATOR, "w1", WorkerState.CORDONED, "bad memory")
        assert (await fleet.announce("w1", NODE)).state is WorkerState.CORDONED
