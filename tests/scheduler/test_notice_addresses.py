"""Whom notices may go to, and what is kept secret."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from muse_scheduler.main import addresses_of, post_of
from muse_scheduler.providers import Mailer, Post
from muse_scheduler.rules import Addresses, AddressRefused
from muse_scheduler.service import SchedulerService
from muse_scheduler.settings import SchedulerSettings
from musecore.settings import SettingInvalid, SettingMissing
from musecore.testing import TemplateDatabases
from tests.scheduler.notices import (
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
from tests.support.scheduling import ADA, CUBE, bench


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
