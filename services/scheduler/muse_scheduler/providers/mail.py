"""Notices by e-mail."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Self
from urllib.parse import unquote, urlsplit

from muse_scheduler.models import Delivery
from muse_scheduler.providers.undelivered import Undelivered
from musecore.times import utcnow

_PORTS = {"smtp": 25, "smtps": 465}
_FOR_GOOD = 500  # SMTP replies from here on: trying again does not help


class Mailer:
    """Sends one message over one connection to one server.

    A password is sent over TLS only: ``smtps``, or ``smtp`` with STARTTLS.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        tls: bool = False,
        login: tuple[str, str] | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self._place = (host, port)
        self._sender = sender
        self._tls = tls
        self._login = login
        self._timeout_s = timeout_s

    @classmethod
    def of(cls, url: str, sender: str) -> Self:
        """Read ``smtp(s)://user:password@host:port``.

        Raises
        ------
        ValueError
            It is none; the sentence does not repeat it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise ValueError(
                "it is not smtp://host:port or smtps://user:password@host:port"
            ) from None
        if not parts.hostname:
            raise ValueError("it names no host")
        login = None
        if parts.username:
            login = (unquote(parts.username), unquote(parts.password or ""))
        tls = parts.scheme == "smtps"
        return cls(parts.hostname, port, sender=sender, tls=tls, login=login)

    async def send(self, delivery: Delivery) -> None:
        """Send a notice to its ``mailto:`` address.

        Raises
        ------
        Undelivered
        """
        await asyncio.to_thread(self._send, self._message(delivery))

    def _message(self, delivery: Delivery) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = delivery.subject
        message["From"] = self._sender
        message["To"] = delivery.address.removeprefix("mailto:")
        message["Date"] = format_datetime(utcnow())
        message["Message-ID"] = f"<{delivery.notice_id}@musewise>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(delivery.text)
        return message

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            why = f"{self._where} refused the address: {code} {_said(said)}"
            raise Undelivered(why, for_good=code >= _FOR_GOOD) from None
        except smtplib.SMTPAuthenticationError as error:
            why = f"{self._where} refused the user or password: {error.smtp_code}"
            raise Undelivered(why) from None
        except smtplib.SMTPResponseException as error:
            why = f"{self._where}: {error.smtp_code} {_said(error.smtp_error)}"
            raise Undelivered(why) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(
                f"{self._where}: {type(error).__name__} {error}"
            ) from None

    @property
    def _where(self) -> str:
        return f"mail server {self._place[0]}:{self._place[1]}"

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                *self._place, timeout=self._timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(*self._place, timeout=self._timeout_s)
        try:
            if self._login is not None:
                if not self._tls:
                    server.starttls(context=context)
                server.login(*self._login)
        except BaseException:
            server.close()
            raise
        return server


def _said(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())
