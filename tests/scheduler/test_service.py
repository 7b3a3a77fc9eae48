"""Jobs from plan to product: release, reuse, failure, fan-in, time, room."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from muse_scheduler.models import FanIn, JobState, TaskState
from muse_scheduler.rules import TooFewIfus
from muse_scheduler.service import Policy, Space
from muse_scheduler.service.claims import NotClaimable
from muse_scheduler.service.jobs import TaskNotRetryable
from muse_scheduler.service.planning import PlanNotRunnable, UnknownTarget
from musecore.errors import MuseError
from musecore.fits import SIMULATED_PIPELINE
from musecore.messages import FrameChanged, FrameIngested
from musecore.testing import TemplateDatabases, frozen_clock
from musecore.times import from_mjd_us, uuid7
from tests.support.frames import make_bias, make_flat, make_night
from tests.support.scheduling import ADA, BOB, CUBE, bench, event_of, finished

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = (1, 2, 3)


# -- plans
@pytest.mark.asyncio
async def test_a_plan_counts_what_is_built_and_stores_no_task(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        plan = await at.service.planning.preview(ADA, CUBE)
        assert plan.runnable
        assert plan.products == ("DATACUBE_FINAL",)
        counts = {r.recipe: (r.tasks, r.build, r.reuse) for r in plan.recipes}
        assert counts["muse_scipost"] == (1, 1, 0)
        assert {task.state for task in plan.tasks} == {"build"}
        assert plan.estimated_s > 0
        assert await at.count("task") == 0


@pytest.mark.asyncio
async def test_a_plan_is_accepted_exactly_as_it_was_shown(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        plan = await at.service.planning.preview(ADA, CUBE)
        await at.ingest(make_bias(datetime(2024, 3, 11, 9, 30, tzinfo=UTC), ifus=(1,)))
        job_id = await at.service.planning.accept_plan(ADA, plan.plan_id)
        tasks = await at.service.jobs.tasks(ADA, str(job_id))
        assert {task.key for task in tasks} == {task.key for task in plan.tasks}


@pytest.mark.asyncio
async def test_an_unknown_target_is_refused_with_the_nearest_names(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with pytest.raises(UnknownTarget, match="NGC 2") as raised:
            await at.service.planning.preview(
                ADA, CUBE.model_copy(update={"target": "NGC 2"})
            )
        assert "NGC 1" in str(raised.value.hint)
        assert "musewise ls --tag OBJECT" in str(raised.value.hint)


@pytest.mark.asyncio
async def test_frames_of_another_project_are_as_unknown_as_none(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        for target in ("NGC 1", "NGC 2"):
            request = CUBE.model_copy(update={"project": "other", "target": target})
            with pytest.raises(UnknownTarget) as raised:
                await at.service.planning.preview(BOB, request)
            assert "Did you mean" not in str(raised.value)


@pytest.mark.asyncio
async def test_a_misspelt_parameter_is_refused_before_anything_is_stored(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        request = CUBE.model_copy(update={"parameters": {"scipost.crtpye": "median"}})
        with pytest.raises(MuseError, match="crtype"):
            await at.service.planning.accept(ADA, request)
        assert [await at.count(t) for t in ("plan", "job", "task")] == [0, 0, 0]


@pytest.mark.asyncio
async def test_a_plan_without_its_calibrations_cannot_become_a_job(
    databases: TemplateDatabases,
) -> None:
    frames = [f for f in make_night(ifus=(1,)) if f.tag != "BIAS"]
    async with bench(databases, frames=frames) as at:
        plan = await at.service.planning.preview(ADA, CUBE)
        assert not plan.runnable
        with pytest.raises(PlanNotRunnable, match="MASTER_BIAS"):
            await at.service.planning.accept(ADA, CUBE)
        assert await at.count("job") == 0


# -- release and reuse
@pytest.mark.asyncio
async def test_a_task_is_offered_when_its_last_parent_is_done(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        first = await at.offers()
        assert {offer.recipe for offer in first} == {"muse_bias"}
        await at.finish(await at.claim(first[0]))
        assert "muse_flat" in {offer.recipe for offer in await at.offers()}
        states = await at.states(job)
        assert states["muse_bias", 1] == "DONE"
        assert states["muse_scibasic", 1] == "WAITING"


@pytest.mark.asyncio
async def test_a_job_runs_to_its_cube_and_says_so(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=make_night(ifus=THREE)) as at:
        job = await at.accept()
        await at.work()
        shown = await at.service.jobs.job(ADA, job)
        assert shown.state is JobState.DONE
        assert [product.tag for product in shown.products] == ["DATACUBE_FINAL"]
        assert shown.done == shown.tasks_total
        assert shown.progress["muse_flat"].ifus == {
            "1": "DONE",
            "2": "DONE",
            "3": "DONE",
        }
        assert shown.eta_s is None


@pytest.mark.asyncio
async def test_the_inputs_of_a_claim_are_the_products_of_the_parents(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        [bias] = await at.offers()
        event = await at.finish(await at.claim(bias))
        offers = {offer.recipe: offer for offer in await at.offers()}
        flat = await at.claim(offers["muse_flat"])
        master = next(one for one in flat.inputs if one.tag == "MASTER_BIAS")
        assert master.file_id == event.products[0].file_id
        assert master.content_key == event.products[0].content_key
        assert {o.tag for o in flat.outputs if o.min} >= {"MASTER_FLAT", "TRACE_TABLE"}


@pytest.mark.asyncio
async def test_asking_again_runs_nothing_and_says_why(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        await at.work()
        ran = len(await at.recipes_run())
        plan = await at.service.planning.preview(ADA, CUBE)
        assert {task.state for task in plan.tasks} == {"reuse"}
        assert all("same recipe, parameters" in task.reason for task in plan.tasks)
        assert plan.estimated_s == 0
        again = await at.service.jobs.job(ADA, await at.accept())
        assert again.state is JobState.DONE
        assert sum(part.reused for part in again.progress.values()) == ran
        assert again.progress["muse_bias"].ifus == {"1": "REUSED"}
        assert await at.offers() == []


@pytest.mark.asyncio
async def test_another_parameter_rebuilds_what_follows_and_keeps_both_versions(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        first = await at.service.jobs.job(ADA, await at.accept())
        await at.work()
        await at.recipes_run()
        given = {"scipost.crsigma": "20", "scipost.crtype": "median"}
        other = await at.accept(CUBE.model_copy(update={"parameters": given}))
        await at.work()
        assert await at.recipes_run() == ["muse_scipost"]
        [old] = (await at.service.jobs.job(ADA, str(first.job_id))).products
        [new] = (await at.service.jobs.job(ADA, other)).products
        assert old.frame_id != new.frame_id
        why = await at.service.explaining.why(ADA, new.frame_id)
        [version] = why.other_versions
        assert old.frame_id in version.frame_ids
        assert [d.what for d in version.differences] == ["crsigma"]  # median is default
        assert why.set_parameters["crsigma"] == 20
        assert any("crsigma" in sentence for sentence in why.sentences)
        assert {c.category for a in why.ancestors for c in a.choices} >= {"MASTER_BIAS"}


@pytest.mark.asyncio
async def test_equal_content_cuts_the_rest_off(databases: TemplateDatabases) -> None:
    """A bias with another parameter gives the same pixels: nothing below it runs."""
    async with bench(databases) as at:
        await at.accept()
        same = {"bias": "c" * 64}
        while offers := await at.offers():
            for offer in offers:
                task = await at.claim(offer)
                content = same["bias"] if task.recipe == "muse_bias" else None
                await at.finish(task, content=content)
        await at.recipes_run()
        given = {"bias.hisigmabadpix": "4"}
        job = await at.accept(CUBE.model_copy(update={"parameters": given}))
        [bias] = await at.offers()
        await at.finish(await at.claim(bias), content=same["bias"])
        assert await at.offers() == []
        assert await at.recipes_run() == ["muse_bias"]
        shown = await at.service.jobs.job(ADA, job)
        assert shown.state is JobState.DONE
        assert shown.progress["muse_flat"].reused == 1
        assert len(shown.products) == 1


@pytest.mark.asyncio
async def test_two_jobs_share_the_tasks_they_have_in_common(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        before = await at.count("task")
        await at.accept()
        assert await at.count("task") == before
        plan = await at.service.planning.preview(ADA, CUBE)
        assert {task.state for task in plan.tasks} == {"running"}


@pytest.mark.asyncio
async def test_no_more_is_handed_out_than_the_window_holds(
    databases: TemplateDatabases,
) -> None:
    policy = Policy(slots=1, window=2.0)
    frames = make_night(ifus=THREE)
    async with bench(databases, frames=frames, policy=policy) as at:
        await at.accept()
        offers = await at.offers()
        assert len(offers) == 2
        await at.finish(await at.claim(offers[0]))
        assert len(await at.offers()) == 1


# -- claims
@pytest.mark.asyncio
async def test_an_attempt_is_claimed_once(databases: TemplateDatabases) -> None:
    async with bench(databases) as at:
        await at.accept()
        [offer] = await at.offers()
        await at.claim(offer)
        with pytest.raises(NotClaimable, match="RUNNING"):
            await at.claim(offer, worker="w2")


@pytest.mark.asyncio
async def test_a_message_of_an_attempt_that_is_over_claims_nothing(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        [stale] = await at.offers()
        await at.claim(stale)
        await at.service.reaper.recover(["w1"])
        with pytest.raises(NotClaimable, match="attempt 2"):
            await at.claim(stale)
        [fresh] = await at.offers()
        assert (await at.claim(fresh)).attempt == 2


@pytest.mark.asyncio
async def test_a_killed_worker_is_noticed_when_its_lease_is_over(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            job = await at.accept()
            [offer] = await at.offers()
            task = await at.claim(offer)
            clock.advance(timedelta(seconds=80))
            heartbeat = at.service.claims.heartbeat
            assert await heartbeat(task.task_id, 1, "w1") is None
            clock.advance(timedelta(seconds=80))
            await at.service.reaper.tick()
            assert (await at.states(job))["muse_bias", 1] == "RUNNING"
            clock.advance(timedelta(seconds=20))
            await at.service.reaper.tick()
            assert "attempt 2" in str(await heartbeat(task.task_id, 1, "w1"))
            clock.advance(timedelta(seconds=10))
            await at.service.reaper.tick()
            [again] = await at.offers()
        assert again.attempt == 2
        [lost] = await at.service.jobs.attempts(ADA, task.task_id)
        assert lost.outcome == "lost"


@pytest.mark.asyncio
async def test_a_late_answer_counts_when_it_is_the_first(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        [offer] = await at.offers()
        slow = await at.claim(offer)
        await at.service.reaper.recover(["w1"])
        [again] = await at.offers()
        quick = await at.claim(again, worker="w2")
        await at.finish(slow)
        assert (await at.states(job))["muse_bias", 1] == "DONE"
        assert quick.task_id in await at.cancelled()
        second = await at.finish(quick)
        assert await at.unwanted() == [p.file_id for p in second.products]
        attempts = await at.service.jobs.attempts(ADA, slow.task_id)
        assert [a.outcome for a in attempts] == ["lost", "superseded"]


@pytest.mark.asyncio
async def test_the_same_answer_twice_is_the_same_as_once(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await at.accept()
        [offer] = await at.offers()
        event = await at.finish(await at.claim(offer))
        await at.offers()
        message_id = uuid7()
        await at.service.settling.finished(message_id, event)
        await at.service.settling.finished(message_id, event)
        assert await at.hear() == []
        assert await at.count("product") == 1


@pytest.mark.asyncio
async def test_a_restarted_server_runs_lost_tasks_again_and_finished_ones_never(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        job = await at.accept()
        rest = await at.work(until=lambda offer: offer.recipe == "muse_scibasic")
        done = set(await at.recipes_run())
        task = await at.claim(rest[0], worker="embedded-1")
        assert await at.service.reaper.recover(["embedded-1"]) == 1
        await at.work()
        assert done.isdisjoint(await at.recipes_run())
        assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE
        attempts = await at.service.jobs.attempts(ADA, task.task_id)
        assert [a.outcome for a in attempts] == ["lost", "finished"]


@pytest.mark.asyncio
async def test_a_message_that_got_lost_is_said_again(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            await at.accept()
            [offer] = await at.offers()
            clock.advance(timedelta(seconds=60))
            await at.service.reaper.tick()
            assert await at.offers() == []
            clock.advance(timedelta(seconds=61))
            await at.service.reaper.tick()
            assert await at.offers() == [offer]


# -- failures
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


# -- speed
@pytest.mark.asyncio
async def test_a_child_is_offered_within_a_moment_of_its_parents_end(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=range(1, 25), full=False)
    async with bench(databases, frames=frames) as at:
        await at.accept()
        offers = {offer.ifu: offer for offer in await at.offers()}
        loop = asyncio.get_running_loop()
        took: list[float] = []
        for ifu in range(1, 6):
            task = await at.claim(offers[ifu])
            began = loop.time()
            await at.service.settling.finished(uuid7(), finished(task))
            children = await at.offers()
            took.append(loop.time() - began)
            assert {child.ifu for child in children} == {ifu}
        assert min(took) < 0.2


@pytest.mark.asyncio
async def test_a_retried_job_takes_the_better_frame_and_keeps_what_is_done(
    databases: TemplateDatabases,
) -> None:
    night = make_night(ifus=(1, 2), full=False)
    async with bench(databases, frames=[]) as at:
        events = [event_of(frame) for frame in night]
        for event in events:
            await at.service.projection.ingest(uuid7(), event)
        job = await at.accept()
        await at.work(fails=lambda task: task.recipe == "muse_flat" and task.ifu == 2)
        before = {k for k, state in (await at.states(job)).items() if state == "DONE"}
        for event in [event for event in events if event.tag == "FLAT"]:
            await at.service.projection.change(uuid7(), bad_ifu(event, 2))
        last = max(frame.mjd_us or 0 for frame in night if frame.tag == "ARC")
        await at.ingest(make_flat(from_mjd_us(last) + timedelta(hours=2), ifus=(1, 2)))
        await at.recipes_run()
        retried = await at.service.retrying.retry(ADA, job)
        assert retried.state is JobState.RUNNING
        await at.work()
        states = await at.states(job)
        assert set(states.values()) == {"DONE"}
        run = await at.recipes_run()
        assert run.count("muse_flat") == 1
        assert ("muse_flat", 1) in before
        assert "muse_bias" not in run


def bad_ifu(event: FrameIngested, ifu: int) -> FrameChanged:
    """A person says that one IFU of a frame is bad."""
    return FrameChanged(
        file_id=event.file_id,
        frame_ids=[ref.frame_id for ref in event.frames if ref.ifu == ifu],
        is_valid=False,
        reason="no light",
        by="ada",
    )


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
