"""Notices: by e-mail and webhook, once, kept while nobody takes them."""

import pytest

from muse_scheduler.models import JobState
from muse_scheduler.rules import plan
from musecore.db import upgrade
from musecore.muse.schema import load
from musecore.testing import TemplateDatabases
from tests.scheduler.notices import (
    MAIL,
    SmtpReceiver,
    asking,
    deliveries,
    listening,
    tell,
    telling,
)
from tests.scheduler.test_migrations import fill_revision_1
from tests.support.frames import VERSIONS, make_night
from tests.support.scheduling import ADA, CUBE, bench


@pytest.mark.asyncio
async def test_a_job_that_is_done_is_told_once_by_mail_with_the_way_to_its_product(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        job = await at.accept(asking(MAIL))
        assert await tell(service) == (0, 0)
        await at.work()
        assert await tell(service) == (1, 1)
        assert await tell(service) == (0, 0)
        [sent] = mail.mails
        assert sent["To"] == "ada@example.org"
        assert sent["From"] == "musewise@example.org"
        assert sent["Subject"] == (
            f"[musewise] DONE: DATACUBE_FINAL of NGC 1 (job {job})"
        )
        shown = await service.jobs.job(ADA, job)
        [text] = mail.texts
        assert f"{shown.tasks_total} total, {shown.done} done" in text
        assert f"musewise job {job}" in text
        assert f"musewise why {shown.products[0].frame_id}" in text
        assert await deliveries(at) == [("sent", 1, "")]


@pytest.mark.asyncio
async def test_a_failed_job_tells_its_telling_lines_and_again_after_another_try(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        job = await at.accept(asking(MAIL))
        await at.work(fails=lambda task: task.recipe == "muse_scipost")
        assert (await service.jobs.job(ADA, job)).state is JobState.FAILED
        await tell(service)
        [text] = mail.texts
        assert "state    FAILED" in text
        assert "1 failed" in text
        assert "muse_scipost" in text
        assert "recipe_error: it broke" in text
        assert "[ ERROR ] saturated" in text
        await service.retrying.retry(ADA, job)
        assert await tell(service) == (0, 0)
        await at.work(fails=lambda task: task.recipe == "muse_scipost")
        assert await tell(service) == (1, 1)
        await service.retrying.retry(ADA, job)
        await at.work()
        assert await tell(service) == (1, 1)
        assert [m["Subject"].split()[1] for m in mail.mails] == [
            "FAILED:",
            "FAILED:",
            "DONE:",
        ]


@pytest.mark.asyncio
async def test_a_job_that_is_blocked_and_one_that_is_cancelled_are_told(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        job = await at.accept(asking(MAIL))
        await at.work(fails=lambda task: task.recipe == "muse_bias")
        await tell(service)
        await service.jobs.cancel(ADA, job)
        assert await tell(service) == (1, 1)
        assert await tell(service) == (0, 0)
        states = [mail["Subject"].split()[1] for mail in mail.mails]
        assert states == ["BLOCKED:", "CANCELLED:"]


@pytest.mark.asyncio
async def test_a_job_that_fails_while_it_runs_is_told_once_and_not_for_every_task(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=(1, 2, 3, 4))
    async with bench(databases, frames=frames) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        await at.accept(asking(MAIL))
        offers = await at.offers()
        for offer in offers[:2]:
            await at.fail(await at.claim(offer))
        await tell(service)
        [text] = mail.texts
        assert "state    FAILING" in text
        assert "2 failed" in text
        await at.fail(await at.claim(offers[2]))
        assert await tell(service) == (0, 0)


@pytest.mark.asyncio
async def test_a_product_that_is_made_again_for_another_job_is_no_news(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail, standing=(MAIL,))
        await at.accept()
        await at.work()
        await at.accept()
        assert await tell(service) == (2, 2)  # the second had nothing to run
        async with at.database.begin() as tx:
            await tx.execute("UPDATE product SET state = 'EVICTED'")
        await at.recipes_run()
        third = await at.accept()
        assert await tell(service) == (0, 0)  # all three look as if they ran
        await at.work()
        assert "muse_scipost" in await at.recipes_run()
        assert await tell(service) == (1, 1)
        assert third in mail.mails[-1]["Subject"]


@pytest.mark.asyncio
async def test_an_ending_that_nobody_wanted_to_hear_of_is_not_told_later(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        await at.accept()
        await at.work()
        assert await tell(service) == (1, 0)
        assert await tell(telling(at, mail=mail, standing=(MAIL,))) == (0, 0)


@pytest.mark.asyncio
async def test_jobs_that_ended_before_the_upgrade_are_no_news(
    databases: TemplateDatabases,
) -> None:
    graph = plan(CUBE, make_night(ifus=(1,)), load(), VERSIONS)
    async with databases.database("scheduler") as database:
        await upgrade(database, "muse_scheduler", "0001")
        ended = await fill_revision_1(database, graph)
        await upgrade(database, "muse_scheduler", "0003")
        async with database.begin() as tx:
            await tx.execute(
                "UPDATE job SET cancelled_at = now() WHERE job_id = :id", {"id": ended}
            )
        await upgrade(database, "muse_scheduler")
        async with (
            bench(databases, database=database, frames=[]) as at,
            listening(SmtpReceiver()) as mail,
        ):
            assert await tell(telling(at, mail=mail, standing=(MAIL,))) == (0, 0)
            assert await at.count("notice") == 1


# -- webhooks
