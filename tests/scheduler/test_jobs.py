"""What people do with jobs: parts of a field, cancelling, room, simulated runs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from muse_scheduler.models import FanIn, JobState, TaskState
from muse_scheduler.rules import TooFewIfus
from muse_scheduler.service import Policy, Space
from musecore.errors import MuseError
from musecore.fits import SIMULATED_PIPELINE
from musecore.identity import Principal
from musecore.messages import FrameChanged
from musecore.testing import TemplateDatabases, frozen_clock
from musecore.times import uuid7
from tests.support.frames import make_night
from tests.support.scheduling import ADA, CUBE, bench, finished

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = (1, 2, 3)


# -- fan-in
@pytest.mark.asyncio
async def test_a_field_task_waits_for_all_ifus(databases: TemplateDatabases) -> None:
    async with bench(databases, frames=make_night(ifus=THREE, full=False)) as at:
        job = await at.accept()
        left = await at.work(until=lambda o: o.recipe == "muse_scibasic" and o.ifu == 3)
        done = [(recipe, ifu) for (recipe, ifu), s in (await at.states(job)).items()]
        assert ("muse_scipost", None) in done
        assert (await at.states(job))["muse_scipost", None] == "WAITING"
        for offer in left:
            await at.finish(await at.claim(offer))
        await at.work()
        cube = next(run for run in at.runs if run.recipe == "muse_scipost")
        tables = [one.ifu for one in cube.inputs if one.tag == "PIXTABLE_OBJECT"]
        assert tables == [1, 2, 3]


@pytest.mark.asyncio
async def test_with_at_least_the_cube_is_made_without_the_failed_ifu(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=THREE)) as at:
        fan_in = FanIn(policy="at_least", k=2)
        job = await at.accept(CUBE.model_copy(update={"fan_in": fan_in}))
        await at.work(fails=lambda t: t.recipe == "muse_flat" and t.ifu == 2)
        shown = await at.service.jobs.job(ADA, job)
        assert shown.state is JobState.DONE
        assert len(shown.products) == 1
        assert shown.progress["muse_flat"].ifus["2"] == "FAILED"
        assert any("IFU 2 is left out" in message for message in shown.messages)
        cube = next(run for run in at.runs if run.recipe == "muse_scipost")
        assert [i.ifu for i in cube.inputs if i.tag == "PIXTABLE_OBJECT"] == [1, 3]
        assert any("IFU 2" in caveat for caveat in cube.caveats)
        keys = [run.key for run in at.runs]
        assert len(keys) == len(set(keys))


@pytest.mark.asyncio
async def test_a_person_lets_a_blocked_job_go_on(databases: TemplateDatabases) -> None:
    async with bench(databases, frames=make_night(ifus=THREE, full=False)) as at:
        job = await at.accept()
        await at.work(fails=lambda t: t.recipe == "muse_flat" and t.ifu == 2)
        [before] = [
            t for t in await at.service.jobs.tasks(ADA, job) if t.state == "FAILED"
        ]
        with pytest.raises(TooFewIfus):
            await at.service.jobs.fan_in(ADA, job, 3)
        await at.service.jobs.fan_in(ADA, job, 2)
        await at.work()
        shown = await at.service.jobs.job(ADA, job)
        assert shown.state is JobState.DONE
        events = await at.service.jobs.events(ADA, before.task_id)
        assert events[-1].to_state == "FAILED"
        old = await at.count(
            "task WHERE state = 'CANCELLED' AND recipe = 'muse_scipost'"
        )
        assert old == 1


# -- cancel
@pytest.mark.asyncio
async def test_a_cancelled_job_stops_only_what_no_other_job_wants(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        first = await at.accept()
        given = {"scipost.crsigma": "20"}
        second = await at.accept(CUBE.model_copy(update={"parameters": given}))
        [offer] = await at.offers()
        task = await at.claim(offer)
        await at.service.jobs.cancel(ADA, second)
        assert await at.cancelled() == []
        assert (await at.states(second))["muse_scipost", None] == "CANCELLED"
        assert (await at.states(first))["muse_scipost", None] == "WAITING"
        shown = await at.service.jobs.cancel(ADA, first)
        assert shown.state is JobState.CANCELLED
        assert await at.cancelled() == [task.task_id]
        assert await at.service.claims.heartbeat(task.task_id, 1, "w1") == "cancelled"
        await at.fail(task, "cancelled", "stopped as told")
        [attempt] = await at.service.jobs.attempts(ADA, task.task_id)
        assert attempt.outcome == "cancelled"


@pytest.mark.asyncio
async def test_a_cancelled_job_can_be_taken_up_again(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        await at.work(until=lambda offer: offer.recipe == "muse_wavecal")
        await at.recipes_run()
        await at.service.jobs.cancel(ADA, job)
        await at.offers()
        await at.service.retrying.retry(ADA, job)
        await at.work()
        assert "muse_bias" not in await at.recipes_run()
        assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE


# -- room
@pytest.mark.asyncio
async def test_pixel_tables_are_dropped_when_room_runs_short_and_made_again_if_needed(
    databases: TemplateDatabases,
) -> None:
    space = Space(free=10**9, total=10**12, used=10**12 - 10**9)
    policy = Policy(slots=50, min_free_bytes=2 * 10**9)
    frames = make_night(ifus=(1,), full=False)
    async with bench(databases, frames=frames, space=space, policy=policy) as at:
        await at.accept()
        left = await at.work(until=lambda offer: offer.recipe == "muse_scipost")
        assert await at.service.eviction.make_room() == 0
        assert await at.unwanted() == []
        for offer in left:
            await at.finish(await at.claim(offer))
        made = {run.task_id for run in at.runs if run.recipe == "muse_scibasic"}
        await at.recipes_run()
        assert await at.service.eviction.make_room() > 0
        dropped = await at.unwanted()
        assert len(dropped) == len(made)
        assert await at.count("product WHERE state = 'EVICTED'") == len(dropped)

        plan = await at.service.planning.preview(ADA, CUBE)
        assert {task.state for task in plan.tasks} == {"reuse"}

        given = {"scipost.crsigma": "20"}
        request = CUBE.model_copy(update={"parameters": given})
        plan = await at.service.planning.preview(ADA, request)
        built = {task.recipe for task in plan.tasks if task.state == "build"}
        assert built == {"muse_scibasic", "muse_scipost"}
        job = await at.accept(request)
        await at.work()
        assert await at.recipes_run() == ["muse_scibasic", "muse_scipost"]
        assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE
        [task_id] = made & {
            UUID(str(t.task_id)) for t in await at.service.jobs.tasks(ADA, job)
        }
        states = [e.to_state for e in await at.service.jobs.events(ADA, task_id)]
        assert states.count(TaskState.DONE) == 2


@pytest.mark.asyncio
async def test_bad_products_are_not_used_again(databases: TemplateDatabases) -> None:
    async with bench(databases) as at:
        await at.accept()
        [offer] = await at.offers()
        event = await at.finish(await at.claim(offer))
        await at.work()
        [master] = event.products
        mark = FrameChanged(
            file_id=master.file_id,
            frame_ids=[master.product_id],
            is_valid=False,
            reason="stripes",
            by="ada",
        )
        await at.service.projection.change(uuid7(), mark)
        given = CUBE.model_copy(update={"parameters": {"flat.nsum": "101"}})
        with pytest.raises(MuseError, match="stripes"):
            await at.accept(given)
        mark = mark.model_copy(update={"is_valid": True, "reason": "they are faint"})
        await at.service.projection.change(uuid7(), mark)
        await at.accept(given)


# -- simulation
@pytest.mark.parametrize("simulation", [False, True])
@pytest.mark.asyncio
async def test_a_simulated_result_counts_only_where_the_server_is_for_simulation(
    databases: TemplateDatabases, simulation: bool
) -> None:
    policy = Policy(slots=50, simulation=simulation)
    async with bench(databases, policy=policy) as at:
        job = await at.accept()
        task = await at.claim((await at.offers())[0])
        event = finished(task)
        versions = {**event.versions, "pipeline": SIMULATED_PIPELINE}
        event = event.model_copy(update={"versions": versions})
        await at.service.settling.finished(uuid7(), event)
        state = (await at.states(job))[task.recipe, task.ifu]
        files = [product.file_id for product in event.products]
        assert state == ("DONE" if simulation else "FAILED")
        assert await at.unwanted() == ([] if simulation else files)
        if not simulation:
            told = (await at.service.jobs.job(ADA, job)).messages
            assert any("is simulated" in message for message in told)


# -- lists
@pytest.mark.asyncio
async def test_jobs_are_listed_by_their_maker_and_since_when(
    databases: TemplateDatabases,
) -> None:
    cleo = Principal(subject="cleo", name="cleo", projects={"local": 5})
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            old = await at.accept()
            clock.advance(timedelta(hours=2))
            new = str(await at.service.planning.accept(cleo, CUBE))
            jobs = at.service.jobs

            async def listed(who: Principal, **which: Any) -> list[str]:
                return [str(one.job_id) for one in await jobs.recent(who, 9, **which)]

            assert await listed(ADA) == [new, old]
            assert await listed(ADA, mine=True) == [old]
            assert await listed(cleo, mine=True) == [new]
            assert await listed(ADA, since=NOON + timedelta(hours=1)) == [new]
            assert await listed(ADA, mine=True, since=NOON + timedelta(hours=1)) == []
