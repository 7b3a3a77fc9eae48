"""Notices: by e-mail and webhook, once, kept while nobody takes them."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from pydantic import SecretStr

from muse_scheduler.main import addresses_of, post_of
from muse_scheduler.models import JobState, PlanRequest
from muse_scheduler.providers import Hooks, Mailer, Post
from muse_scheduler.rules import Addresses, AddressRefused, plan
from muse_scheduler.service import Policy, SchedulerService
from muse_scheduler.settings import SchedulerSettings
from musecore.db import upgrade
from musecore.muse.schema import load
from musecore.settings import SettingInvalid, SettingMissing
from musecore.testing import TemplateDatabases
from tests.scheduler.test_migrations import fill_revision_1
from tests.support.frames import VERSIONS, make_night
from tests.support.scheduling import ADA, CUBE, Bench, bench

MAIL = "mailto:ada@example.org"
SECRET = "s3cret-of-the-hook"
FAST = Policy(slots=50, notify_backoff_s=0.0, notify_every_s=0.02)


# -- receivers
@dataclass
class SmtpReceiver:
    """A mail server of the tests' own: takes what is sent, speaks as little as it may.

    `answer` is its reply to a recipient. While it is `shut` a mail waits until it is `open`.
    """

    port: int = 0
    answer: str = "250 ok"
    mails: list[EmailMessage] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    shut: bool = False

    async def serve(self, reader: asyncio.StreamReader, out: Any) -> None:
        out.write(b"220 tests\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"RCPT":
                out.write(f"{self.answer}\r\n".encode())
            elif verb == b"DATA":
                out.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                mail = message_from_bytes(raw[:-3], policy=policy.default)
                assert isinstance(mail, EmailMessage)
                if self.shut:
                    await self.open.wait()
                self.mails.append(mail)
                out.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                out.write(b"221 bye\r\n")
                break
            else:
                out.write(b"250 tests\r\n")
        await out.drain()
        out.close()

    @property
    def texts(self) -> list[str]:
        return [str(mail.get_content()) for mail in self.mails]


@dataclass
class HookReceiver:
    """An HTTP server of the tests' own; `answers` are its statuses, 204 after them."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, out: Any) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append((headers, body))
        status = self.answers.pop(0) if self.answers else 204
        out.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n".encode())
        out.write(b"Location: /elsewhere\r\nConnection: close\r\n\r\n")
        await out.drain()
        out.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/x?token=t0ken"


@asynccontextmanager
async def listening(
    receiver: SmtpReceiver | HookReceiver,
) -> AsyncIterator[Any]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", receiver.port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


def telling(
    at: Bench,
    *,
    mail: SmtpReceiver | None = None,
    hook: HookReceiver | None = None,
    standing: tuple[str, ...] = (),
) -> SchedulerService:
    """The scheduler of a bench, with ways to tell people and programs."""
    mailer = hooks = None
    if mail is not None:
        mailer = Mailer("127.0.0.1", mail.port, sender="musewise@example.org")
    if hook is not None:
        hooks = Hooks(SECRET, timeout_s=5.0)
    at.service = SchedulerService(
        replace(
            at.service.context,
            policy=FAST,
            addresses=Addresses(
                standing=standing,
                hosts=frozenset({f"127.0.0.1:{hook.port}"} if hook else ()),
                mail=mail is not None,
            ),
            post=Post(mailer, hooks),
        )
    )
    return at.service


def asking(*addresses: str) -> PlanRequest:
    return CUBE.model_copy(update={"notify": addresses})


async def deliveries(at: Bench) -> list[tuple[str, int, str]]:
    async with at.database.begin() as tx:
        found = await tx.execute(
            "SELECT state, attempts, last_error FROM delivery ORDER BY address"
        )
        return [(row[0], row[1], row[2]) for row in found]


async def tell(service: SchedulerService) -> tuple[int, int]:
    return await service.notifier.write(), await service.notifier.send()


# -- what is told
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
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ada@example.org", "no address"),
        ("mailto:ada", "no e-mail address"),
        ("mailto:ada@example.org\nBcc: all@example.org", "no e-mail address"),
        ("mailto:ada@example.org?subject=x", "no e-mail address"),
        ("https://other.example.org/x", "hooks.example.org"),
        ("https://hooks.example.org:8443/x", "No webhook may go"),
        ("https://hooks.example.org@other.example.org/x", "no address"),
        ("https://hooks.example.org\\@other.example.org/x", "no address"),
        ("ftp://hooks.example.org/x", "no address"),
        ("https://hooks.example.org:port/x", "no address"),
    ],
)
@pytest.mark.asyncio
async def test_an_address_that_is_none_or_not_allowed_is_refused_at_once(
    databases: TemplateDatabases, address: str, said: str
) -> None:
    async with bench(databases) as at:
        hosts = frozenset({"hooks.example.org"})
        addresses = Addresses(hosts=hosts, mail=True)
        addresses.check([MAIL, "https://hooks.example.org/x"])
        context = replace(at.service.context, addresses=addresses)
        at.service = SchedulerService(context)
        with pytest.raises(AddressRefused) as raised:
            await at.accept(asking(address))
        assert said in str(raised.value)
        with pytest.raises(AddressRefused):
            await at.service.planning.preview(ADA, asking(address))
        assert await at.count("job") == 0


@pytest.mark.asyncio
async def test_mail_is_refused_where_none_can_be_sent(
    databases: TemplateDatabases,
) -> None:
    async with bench(databases) as at:
        with pytest.raises(AddressRefused, match="sends no e-mail"):
            await at.accept(asking(MAIL))


@pytest.mark.asyncio
async def test_who_is_told_changes_no_key(databases: TemplateDatabases) -> None:
    async with bench(databases) as at, listening(SmtpReceiver()) as mail:
        service = telling(at, mail=mail)
        plain = await service.planning.preview(ADA, CUBE)
        told = await service.planning.preview(ADA, asking(MAIL))
        assert [t.key for t in told.tasks] == [t.key for t in plain.tasks]


@pytest.mark.asyncio
async def test_no_secret_is_shown_logged_or_kept_with_an_error(
    databases: TemplateDatabases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hook = HookReceiver(answers=[500])
    async with bench(databases) as at, listening(hook), listening(SmtpReceiver()) as m:
        service = telling(at, mail=m, hook=hook)
        url = f"smtp://ada:passw0rd@127.0.0.1:{m.port}"
        post = Post(Mailer.of(url, "musewise@example.org"), service.context.post.hooks)
        at.service = service = SchedulerService(replace(service.context, post=post))
        wanted = asking(MAIL, hook.address)
        shown = await service.planning.preview(ADA, wanted)
        job = await service.jobs.job(ADA, await at.accept(wanted))
        assert job.request.notify == (MAIL, f"http://127.0.0.1:{hook.port}/…")
        assert shown.request.notify == job.request.notify
        await at.work()
        await tell(service)
        assert m.mails == []  # no TLS, hence no password is sent, hence no mail
        kept = str(await deliveries(at))
        assert "STARTTLS" in kept
        for secret in ("passw0rd", "t0ken", SECRET):
            assert secret not in caplog.text + kept


def test_settings_of_notices_that_do_not_fit_are_refused_at_the_start() -> None:
    with pytest.raises(SettingInvalid, match="smtp_url"):
        post_of(_settings(smtp_url="http://mail", mail_from="m@example.org"))
    with pytest.raises(SettingMissing, match="mail_from"):
        post_of(_settings(smtp_url="smtp://mail.example.org"))
    with pytest.raises(SettingMissing, match="webhook_secret"):
        post_of(_settings(webhook_hosts=("hooks.example.org",)))
    with pytest.raises(SettingInvalid, match="notify"):
        addresses_of(_settings(notify=("https://hooks.example.org/x",)))


def _settings(**given: Any) -> SchedulerSettings:
    if "smtp_url" in given:
        given["smtp_url"] = SecretStr(given["smtp_url"])
    return SchedulerSettings(**given)
