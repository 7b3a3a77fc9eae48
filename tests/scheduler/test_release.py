"""From parent to child: release and reuse, claims, leases and late answers."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from muse_scheduler.models import JobState
from muse_scheduler.service import Policy
from muse_scheduler.service.claims import NotClaimable
from musecore.messages import FrameChanged, FrameIngested
from musecore.testing import TemplateDatabases, frozen_clock
from musecore.times import from_mjd_us, uuid7
from tests.support.frames import make_flat, make_night
from tests.support.scheduling import ADA, CUBE, bench, event_of, finished

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = (1, 2, 3)


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
