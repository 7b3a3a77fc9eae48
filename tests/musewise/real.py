"""The real catalogue, in this process, for the client and the command line."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
from typer.testing import CliRunner, Result

from musecore.identity import Principal, TokenIssuer
from musecore.log import configure
from musewise.cli import app
from musewise.cli.options import Surroundings
from musewise.session import Session
from musewise.settings import Server
from tests.catalog.catalog import _KEY, _NAMES, Catalog

URL = "http://hub"


class Bridge(httpx.BaseTransport):
    """Carries requests of other threads to an application in the loop of the test."""

    def __init__(self, catalog: Catalog, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(catalog.service.app)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        assert path.startswith("/catalog/"), path
        url = request.url.copy_with(raw_path=path.removeprefix("/catalog").encode())
        return asyncio.run_coroutine_threadsafe(
            self._pass_on(request, url), self._loop
        ).result(30)

    async def _pass_on(self, request: httpx.Request, url: httpx.URL) -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            yield content

        content = request.read()
        asked = httpx.Request(
            request.method, url, headers=request.headers, content=body()
        )
        answer = await self._inner.handle_async_request(asked)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


class Real:
    """People who use the client and the command line on one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._transport = Bridge(catalog, asyncio.get_running_loop())
        # The catalogue logs in this process, and a command's stdout is its answer.
        configure("INFO", stream=sys.__stderr__)

    def session(self, caller: Principal) -> Session:
        server = Server(url=URL, token=_token(caller), project="local")
        return Session(server, transport=self._transport)

    async def do(self, caller: Principal, work: Callable[[Session], Any]) -> Any:
        """Let somebody do something with a session of theirs, in another thread."""
        with self.session(caller) as session:
            return await asyncio.to_thread(work, session)

    async def run(
        self, caller: Principal, *arguments: str, stdin: str | None = None
    ) -> Result:
        """Let somebody run a command."""
        named = [*arguments, "--url", URL, "--token", _token(caller)]

        def invoke() -> Result:
            return CliRunner().invoke(
                app,
                named,
                obj=Surroundings(self._transport, poll_s=0.0),
                env={"COLUMNS": "160"},
                input=stdin,
            )

        return await asyncio.to_thread(invoke)


def _token(caller: Principal) -> str:
    return TokenIssuer(_KEY, **_NAMES).issue(caller, timedelta(hours=1))
