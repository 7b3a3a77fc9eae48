"""The same asked for by several at a time: nothing is made twice, nobody waits for ever."""

import asyncio
from typing import Any

import pytest

from muse_scheduler.models import PlanRequest
from musecore.testing import TemplateDatabases
from tests.support.frames import make_night
from tests.support.scheduling import ADA, Bench, bench

pytestmark = pytest.mark.asyncio

CUBE = PlanRequest(product="DATACUBE_FINAL", combine=False)
FRAMES = make_night(ifus=(1, 2))


async def number_of(at: Bench, table: str) -> int:
    async with at.database.begin() as tx:
        return (await tx.execute(f"SELECT count(*) FROM {table}")).scalar_one()


async def test_equal_requests_at_the_same_time_share_every_task(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        planning = at.service.planning
        jobs = await asyncio.gather(*(planning.accept(ADA, CUBE) for _ in range(6)))
        assert len(set(jobs)) == 6
        tasks = await number_of(at, "task")
        wanted = {
            job: {task.task_id for task in await at.service.jobs.tasks(ADA, str(job))}
            for job in jobs
        }
        assert all(len(ids) == tasks for ids in wanted.values())
        assert await number_of(at, "unit") < tasks


async def test_tasks_prepared_before_another_job_came_are_found_anew(
    databases: TemplateDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        planning = at.service.planning
        prepared = planning._prepared

        async def overtaken(*args: Any) -> Any:
            ready = await prepared(*args)
            monkeypatch.setattr(planning, "_prepared", prepared)
            await planning.accept(ADA, CUBE)
            return ready

        monkeypatch.setattr(planning, "_prepared", overtaken)
        await planning.accept(ADA, CUBE)
        events = await number_of(at, "task_event WHERE from_state IS NULL")
        assert events == await number_of(at, "task")
