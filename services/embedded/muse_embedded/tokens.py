"""Tokens of embedded mode, renewed before they end."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from typing_extensions import override

from muse_auth.service import AuthService
from musecore.serving import write_private
from musecore.times import utcnow

__all__ = ["OwnToken", "TokenFile"]


class OwnToken(httpx.Auth):
    """Signs calls of our own services with a token that is never old."""

    def __init__(self, auth: AuthService, subject: str) -> None:
        self._auth = auth
        self._subject = subject
        self._token = ""
        self._renew_at: datetime | None = None

    async def current(self) -> str:
        """Give a token with at least half of its lifetime left."""
        now = utcnow()
        if self._renew_at is None or now >= self._renew_at:
            token = await self._auth.token_of(self._subject)
            self._token = token.access_token
            self._renew_at = now + timedelta(seconds=token.expires_in / 2)
        return self._token

    @override
    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {await self.current()}"
        yield request


class TokenFile:
    """Keeps a fresh token of the local person in a file, for the command line."""

    def __init__(self, auth: AuthService, subject: str, path: Path) -> None:
        self._token = OwnToken(auth, subject)
        self._path = path
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Write the file, then again in good time."""
        write_private(self._path, await self._token.current())
        self._task = asyncio.create_task(self._renew(), name="token-file")

    async def stop(self) -> None:
        """End the renewing."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(600)
            write_private(self._path, await self._token.current())
