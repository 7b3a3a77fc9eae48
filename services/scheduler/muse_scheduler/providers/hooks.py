"""Notices as HTTP requests to other programs, signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx
from typing_extensions import override

from muse_scheduler.models import Delivery
from muse_scheduler.providers.undelivered import Undelivered

SIGNATURE = "X-Musewise-Signature"
NOTICE = "X-Musewise-Notice"

_LATER = frozenset({408, 425, 429})
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


class _Quiet(logging.Filter):
    """Keeps addresses of webhooks, which may hold secrets, out of httpx's log."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return not _quiet.get()


logging.getLogger("httpx").addFilter(_Quiet())


class Hooks:
    """Posts JSON, with the HMAC-SHA256 of the body under a shared secret.

    The header ``X-Musewise-Signature: sha256=HEX`` tells the receiver that we sent
    it; ``X-Musewise-Notice`` stays the same when a notice is sent again.
    """

    def __init__(self, secret: str, *, timeout_s: float = 10.0) -> None:
        self._secret = secret.encode()
        self._timeout_s = timeout_s

    async def send(self, delivery: Delivery) -> None:
        """Post a notice; redirections are not followed.

        Raises
        ------
        Undelivered
            Not answered, or not with 2xx; for good where the answer is 4xx.
        """
        told = {
            "notice_id": str(delivery.notice_id),
            "subject": delivery.subject,
            "text": delivery.text,
            **delivery.facts,
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: f"sha256={signature}",
            NOTICE: str(delivery.notice_id),
        }
        try:
            with quiet():
                async with asyncio.timeout(self._timeout_s):
                    code = await self._post(delivery.address, body, headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Undelivered(f"the webhook: {type(error).__name__}") from None
        if not 200 <= code < 300:
            final = 400 <= code < 500 and code not in _LATER
            raise Undelivered(f"the webhook answered {code}", for_good=final)

    async def _post(self, address: str, body: bytes, headers: dict[str, str]) -> int:
        """Give the status of the answer; the rest of it is not read."""
        async with (
            httpx.AsyncClient(timeout=self._timeout_s, trust_env=False) as client,
            client.stream("POST", address, content=body, headers=headers) as answer,
        ):
            return answer.status_code


@contextmanager
def quiet() -> Iterator[None]:
    """Let httpx log nothing inside the block."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)
