"""Notices reach their receivers once, whatever is ill on the way."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from muse_scheduler.service import SchedulerService
from musecore.testing import TemplateDatabases
from tests.scheduler.notices import (
    FAST,
    MAIL,
    SECRET,
    HookReceiver,
    SmtpReceiver,
    asking,
    deliveries,
    listening,
    tell,
    telling,
)
from tests.support.scheduling import bench


@pytest.mark.asyncio
async def test_a_webhook_gets_signed_facts_and_is_tried_again_when_it_is_ill(
    databases: TemplateDatabases,
) -> None:
    hook = HookReceiver(answers=[503])
    async with bench(databases) as at, listening(hook):
        service = telling(at, hook=hook)
        job = await at.accept(asking(hook.address))
        await at.work()
        assert await service.notifier.write() == 1
        assert await service.notifier.send() == 1
        assert await deliveries(at) == [("sent", 2, "")]
        (first, body), (again, same) = hook.heard
        assert body == same
        assert first["x-musewise-notice"] == again["x-musewise-notice"]
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert first["x-musewise-signature"] == f"sha256={signed}"
        told = json.loads(body)
        assert (told["kind"], told["state"], told["job_id"]) == ("ended", "DONE", job)
        assert told["tasks"]["failed"] == 0
        assert told["products"][0]["tag"] == "DATACUBE_FINAL"


@pytest.mark.parametrize("status", [307, 404, 500])
@pytest.mark.asyncio
async def test_a_webhook_that_says_no_is_given_up_and_no_redirection_is_followed(
    databases: TemplateDatabases, status: int
) -> None:
    hook = HookReceiver(answers=[status] * 100)
    async with bench(databases) as at, listening(hook):
        service = telling(at, hook=hook)
        await at.accept(asking(hook.address))
        await at.work()
        await tell(service)
        tries = 1 if status == 404 else FAST.notify_tries
        assert len(hook.heard) == tries
        said = f"the webhook answered {status}"
        assert await deliveries(at) == [("given up", tries, said)]


# -- durable, and once
@pytest.mark.asyncio
async def test_a_notice_waits_for_a_mail_server_that_is_away(
    databases: TemplateDatabases,
) -> None:
    mail = SmtpReceiver()
    async with listening(mail):
        pass  # its port is known, and nobody listens there
    async with bench(databases) as at:
        service = telling(at, mail=mail)
        context = replace(
            service.context, policy=replace(FAST, notify_backoff_s=3600.0)
        )
        patient = SchedulerService(context)
        await at.accept(asking(MAIL))
        await at.work()
        assert await tell(patient) == (1, 0)
        assert await tell(patient) == (0, 0)
        [(state, attempts, why)] = await deliveries(at)
        assert (state, attempts) == ("unsent", 1)
        assert "ConnectionRefusedError" in why
        async with listening(mail):
            async with at.database.begin() as tx:
                await tx.execute("UPDATE delivery SET next_at = now()")
            assert await tell(telling(at, mail=mail)) == (0, 1)
            assert len(mail.mails) == 1
        assert await deliveries(at) == [("sent", 2, "")]


@pytest.mark.asyncio
async def test_an_address_that_the_mail_server_refuses_for_good_is_given_up(
    databases: TemplateDatabases,
) -> None:
    mail = SmtpReceiver(answer="550 no such user")
    async with bench(databases) as at, listening(mail):
        service = telling(at, mail=mail)
        await at.accept(asking(MAIL))
        await at.work()
        await tell(service)
        [(state, attempts, why)] = await deliveries(at)
        assert (state, attempts) == ("given up", 1)
        assert "550 no such user" in why


@pytest.mark.asyncio
async def test_several_schedulers_at_once_send_each_notice_once(
    databases: TemplateDatabases,
) -> None:
    async with (
        bench(databases) as at,
        listening(SmtpReceiver()) as mail,
        listening(HookReceiver()) as hook,
    ):
        service = telling(at, mail=mail, hook=hook)
        others = [SchedulerService(service.context) for _ in range(3)]
        for _ in range(5):
            await at.accept(asking(MAIL, hook.address))
        await at.work()
        written = await asyncio.gather(*(one.notifier.write() for one in others))
        assert sum(written) == 5
        sent = await asyncio.gather(*(one.notifier.send() for one in others))
        assert sum(sent) == 10
        assert len({m["Message-ID"] for m in mail.mails}) == len(mail.mails) == 5
        assert len({h["x-musewise-notice"] for h, _ in hook.heard}) == 5
        assert len(hook.heard) == 5


@pytest.mark.asyncio
async def test_a_notice_that_one_scheduler_is_sending_is_left_alone_by_another(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver(shut=True)) as mail:
        service = telling(at, mail=mail)
        await at.accept(asking(MAIL))
        await at.work()
        await service.notifier.write()
        sending = asyncio.create_task(service.notifier.send())
        async with asyncio.timeout(30):
            while await deliveries(at) != [("unsent", 1, "")]:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(30):
            assert await SchedulerService(service.context).notifier.send() == 0
        mail.open.set()
        assert await sending == 1
        assert len(mail.mails) == 1


@pytest.mark.asyncio
async def test_the_loop_of_the_notifier_tells_by_itself_and_ends_when_told(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        await service.notifier.start()
        await at.accept(asking(MAIL))
        await at.work()
        async with asyncio.timeout(30):
            while not mail.mails:
                await asyncio.sleep(0.02)
        await service.notifier.stop()


# -- addresses and secrets
