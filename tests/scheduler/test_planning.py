"""What a plan shows, and what is refused before anything runs."""

from datetime import UTC, datetime

import pytest

from muse_scheduler.service.planning import PlanNotRunnable, UnknownTarget
from musecore.errors import MuseError
from musecore.testing import TemplateDatabases
from tests.support.frames import make_bias, make_night
from tests.support.scheduling import ADA, BOB, CUBE, bench

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = (1, 2, 3)


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
