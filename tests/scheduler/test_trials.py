"""Trials: seen by their maker only, used for nothing else, over after some days."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from muse_scheduler.models import JobState, PlanRequest
from muse_scheduler.service import Policy
from muse_scheduler.service.access import TrialNotOwn
from muse_scheduler.service.explaining import ProductNotFound
from muse_scheduler.service.lookups import JobNotFound, PlanNotFound
from musecore.errors import ProjectNotFound
from musecore.identity import Principal
from musecore.messages import FileUnwanted
from musecore.testing import TemplateDatabases, frozen_clock
from tests.support.scheduling import ADA, CUBE, Bench, bench

CLEO = Principal(subject="cleo", name="cleo", projects={"local": 5})
ROBOT = Principal(subject="robot", name="robot", scopes=frozenset({"service"}))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = {"scipost.crsigma": 20}
TRIAL = CUBE.model_copy(update={"trial": True, "parameters": OTHER})
FOR_GOOD = CUBE.model_copy(update={"parameters": OTHER})


async def run(at: Bench, who: Principal, request: PlanRequest) -> str:
    """Let a request run to its end; give the id of its job."""
    job = await at.service.planning.accept(who, request)
    await at.work()
    shown = await at.service.jobs.job(who, str(job))
    assert shown.state is JobState.DONE
    return str(job)


async def product_of(at: Bench, who: Principal, job: str) -> UUID:
    [cube] = (await at.service.jobs.job(who, job)).products
    return cube.frame_id


@pytest.mark.asyncio
async def test_a_trial_uses_what_is_there_and_builds_only_what_differs(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await run(at, ADA, CUBE)
        await at.recipes_run()
        await run(at, ADA, TRIAL)
        assert await at.recipes_run() == ["muse_scipost"]


@pytest.mark.asyncio
@pytest.mark.parametrize("who", [ADA, CLEO, ROBOT], ids=lambda one: one.name)
async def test_what_a_trial_made_is_used_by_no_other_job(
    databases: TemplateDatabases, who: Principal
) -> None:
    async with bench(databases) as at:
        await run(at, ADA, CUBE)
        await run(at, ADA, TRIAL)
        await at.recipes_run()
        shown = await at.service.planning.preview(who, FOR_GOOD)
        built = [task.recipe for task in shown.tasks if task.state == "build"]
        assert built == ["muse_scipost"]
        await run(at, who, FOR_GOOD)
        assert await at.recipes_run() == ["muse_scipost"]


@pytest.mark.asyncio
async def test_a_trial_of_calibrations_is_never_chosen_by_a_later_plan(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await run(at, ADA, CUBE.model_copy(update={"trial": True}))
        assert "muse_bias" in await at.recipes_run()
        shown = await at.service.planning.preview(ADA, CUBE)
        assert {task.state for task in shown.tasks} == {"build"}


@pytest.mark.asyncio
async def test_its_maker_sees_a_trial_and_nobody_else_does(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        plan = await at.service.planning.preview(ADA, TRIAL)
        job = await run(at, ADA, TRIAL)
        cube = await product_of(at, ADA, job)
        [task, *_] = await at.service.jobs.tasks(ADA, job)
        assert [str(one.job_id) for one in await at.service.jobs.recent(ADA, 9)] == [
            job
        ]
        assert (await at.service.explaining.why(ADA, cube)).tag == "DATACUBE_FINAL"

        assert await at.service.jobs.recent(CLEO, 9) == []
        with pytest.raises(JobNotFound):
            await at.service.jobs.job(CLEO, job)
        with pytest.raises(JobNotFound):
            await at.service.jobs.cancel(CLEO, job)
        with pytest.raises(PlanNotFound):
            await at.service.planning.accept_plan(CLEO, plan.plan_id)
        with pytest.raises(ProductNotFound):
            await at.service.explaining.why(CLEO, cube)
        with pytest.raises(Exception, match=str(task.task_id)):
            await at.service.jobs.attempts(CLEO, task.task_id)


@pytest.mark.asyncio
async def test_two_people_who_try_the_same_do_not_meet(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        await run(at, ADA, CUBE)
        await at.recipes_run()
        first = await product_of(at, ADA, await run(at, ADA, TRIAL))
        second = await product_of(at, CLEO, await run(at, CLEO, TRIAL))
        assert await at.recipes_run() == ["muse_scipost", "muse_scipost"]
        assert first != second


@pytest.mark.asyncio
async def test_the_space_of_trials_is_no_project_to_ask_for(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        asked = CUBE.model_copy(update={"project": ADA.trials})
        with pytest.raises(ProjectNotFound):
            await at.service.planning.accept(ADA, asked)


@pytest.mark.asyncio
async def test_a_service_makes_no_trial_in_the_name_of_a_person(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with pytest.raises(TrialNotOwn, match="only its maker"):
            await at.service.planning.accept(
                ROBOT, TRIAL.model_copy(update={"owner": "ada"})
            )


# -- the end
async def unwanted(at: Bench) -> Sequence[FileUnwanted]:
    return [one for one in await at.hear() if isinstance(one, FileUnwanted)]


@pytest.mark.asyncio
async def test_after_its_days_a_trial_is_removed_and_its_job_says_so(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            await run(at, ADA, CUBE)
            job = await run(at, ADA, TRIAL)
            assert "not before 2026-03-08" in " ".join(
                (await at.service.jobs.job(ADA, job)).messages
            )
            clock.advance(timedelta(days=6, hours=23))
            assert await at.service.trials.end() == 0
            clock.advance(timedelta(hours=2))
            [gone] = (await at.service.jobs.job(ADA, job)).products
            assert await at.service.trials.end() == 1
            assert await at.service.trials.end() == 0
            [said] = await unwanted(at)
            assert (said.file_id, said.superseded) == (gone.file_id, True)
            shown = await at.service.jobs.job(ADA, job)
            assert shown.products == ()
            assert shown.messages[-1] == "The trial is over since 2026-03-08."


@pytest.mark.asyncio
async def test_the_days_are_a_setting_and_what_is_no_trial_stays(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(slots=50, trial_days=0.0)) as at:
        job = await run(at, ADA, CUBE)
        await run(at, ADA, TRIAL)
        assert await at.service.trials.end() == 1
        assert len((await at.service.jobs.job(ADA, job)).products) == 1


@pytest.mark.asyncio
async def test_a_trial_that_was_removed_is_made_again_when_it_is_asked_for(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, policy=Policy(slots=50, trial_days=0.0)) as at:
        await run(at, ADA, CUBE)
        first = await product_of(at, ADA, await run(at, ADA, TRIAL))
        await at.service.trials.end()
        await at.recipes_run()
        second = await product_of(at, ADA, await run(at, ADA, TRIAL))
        assert await at.recipes_run() == ["muse_scipost"]
        assert first != second


@pytest.mark.asyncio
async def test_a_product_that_a_younger_trial_wants_stays_as_long_as_that(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            job = await run(at, ADA, TRIAL)
            clock.advance(timedelta(days=5))
            again = await run(at, ADA, TRIAL)
            assert await product_of(at, ADA, job) == await product_of(at, ADA, again)
            clock.advance(timedelta(days=5))
            assert await at.service.trials.end() == 0
            clock.advance(timedelta(days=2, hours=1))
            assert await at.service.trials.end() > 0


@pytest.mark.asyncio
async def test_a_product_that_a_running_task_waits_for_stays(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with frozen_clock(NOON) as clock:
            await at.service.planning.accept(ADA, TRIAL)
            [scipost] = await at.work(until=lambda one: one.recipe == "muse_scipost")
            task = await at.claim(scipost)
            read = {one.file_id for one in task.inputs}
            clock.advance(timedelta(days=8))
            await at.service.trials.end()
            assert not read & {one.file_id for one in await unwanted(at)}
