"""Receivers of notices that tests listen with, and jobs that are told of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from muse_scheduler.models import PlanRequest
from muse_scheduler.providers import Hooks, Mailer, Post
from muse_scheduler.rules import Addresses
from muse_scheduler.service import Policy, SchedulerService
from tests.support.scheduling import CUBE, Bench

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
