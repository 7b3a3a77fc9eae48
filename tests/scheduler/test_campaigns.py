"""Many nights planned at once: the same tasks as night by night, and nothing twice."""

from datetime import timedelta

import pytest

from muse_scheduler.models import JobState, PlanRequest
from muse_scheduler.service.campaigns import job_of
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.support.frames import EVENING, make_night
from tests.support.scheduling import ADA, bench

EACH = PlanRequest(product="DATACUBE_FINAL", combine=False)
NIGHTS = ["2024-03-10", "2024-03-11", "2024-03-12"]
FRAMES = [
    *make_night(ifus=(1, 2)),
    *make_night(EVENING + timedelta(days=1), ifus=(1, 2), statics=False),
]


@pytest.mark.asyncio
async def test_a_campaign_makes_a_job_of_every_night_that_has_something(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        campaign = uuid7()
        made = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS)
        found = {one.night: one async for one in made}
        assert [found[n].new for n in NIGHTS] == [True, True, False]
        assert found["2024-03-12"].why_not == ("nothing is selected",)
        for night in NIGHTS[:2]:
            job = str(job_of(campaign, night))
            shown = await at.service.planning.preview(
                ADA, EACH.model_copy(update={"night": night})
            )
            tasks = await at.service.jobs.tasks(ADA, job)
            assert {t.key for t in tasks} == {t.key for t in shown.tasks}
        await at.work()
        for night in NIGHTS[:2]:
            job = str(job_of(campaign, night))
            assert (await at.service.jobs.job(ADA, job)).state is JobState.DONE


@pytest.mark.asyncio
async def test_a_campaign_that_broke_off_goes_on_with_the_nights_that_are_left(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases, frames=FRAMES) as at:
        campaign = uuid7()
        first = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS[1:2])
        assert [one.new async for one in first] == [True]
        before = await at.count("task")
        again = at.service.campaigns.accept(ADA, campaign, EACH, NIGHTS)
        news = {one.night: one.new async for one in again}
        assert news == {NIGHTS[0]: True, NIGHTS[1]: False, NIGHTS[2]: False}
        assert await at.count("task") > before
        tasks = await at.count("task")
        other = at.service.campaigns.accept(ADA, uuid7(), EACH, NIGHTS[:2])
        assert [one.new async for one in other] == [True, True]
        assert await at.count("task") == tasks
        assert await at.count("job") == 4
