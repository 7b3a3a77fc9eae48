"""The async way to a server: a call goes out, plain data or an `Error` comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from musewise.calls import Call
from musewise.connection import (
    LONG_TIMEOUT_S,
    USUAL_TIMEOUT_S,
    sign_in_form,
    unreachable,
)
from musewise.errors import error_of
from musewise.settings import Account, Server, read_token

__all__ = ["AsyncConnection"]


class AsyncConnection:
    """Requests to one server, with its token; the twin of `Connection`.

    Parameters
    ----------
    transport
        The seam for tests and for servers in the same process.
    """

    def __init__(
        self, server: Server, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.server = server
        self._token = server.token
        self._signing_in = asyncio.Lock()
        self._http = httpx.AsyncClient(
            base_url=server.url,
            transport=transport,
            timeout=httpx.Timeout(USUAL_TIMEOUT_S, connect=5.0),
            headers={"User-Agent": "musewise"},
        )

    async def close(self) -> None:
        """Close the connections that are kept open."""
        await self._http.aclose()

    async def ask(self, call: Call[Any]) -> Any:
        """Send a call of the generated SDK; give the plain JSON of the answer."""
        answer = await self._once(call)
        if answer.status_code == httpx.codes.UNAUTHORIZED and await self._renewed():
            answer = await self._once(call)
        if answer.is_error:
            raise error_of(answer)
        return answer.json() if answer.content else None

    async def _once(self, call: Call[Any]) -> httpx.Response:
        bearer = await self._bearer()
        return await self._request(
            call.method,
            call.path,
            params=dict(call.params),
            json=call.json,
            headers={**bearer, **call.headers},
            timeout=USUAL_TIMEOUT_S if call.method == "GET" else LONG_TIMEOUT_S,
        )

    async def _request(self, method: str, path: str, **how: Any) -> httpx.Response:
        address = self.server.address(path)
        try:
            return await self._http.request(method, address, **how)
        except httpx.TransportError as error:
            raise unreachable(self.server, error) from error

    async def _bearer(self) -> dict[str, str]:
        if self._token is None and self.server.account is not None:
            await self._sign_in(self.server.account, refused=None)
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _renewed(self) -> bool:
        """Get another token, by the account or from its file; True if there is one."""
        if self.server.account is not None and self.server.token is None:
            await self._sign_in(self.server.account, refused=self._token)
            return True
        if self.server.token_file is None:
            return False
        token = read_token(self.server.token_file)
        renewed = token is not None and token != self._token
        self._token = token
        return renewed

    async def _sign_in(self, account: Account, *, refused: str | None) -> None:
        """Get a token for an account, unless another task just did."""
        async with self._signing_in:
            if self._token != refused:
                return
            form = sign_in_form(account)
            answer = await self._request("POST", "/auth/token", data=form)
            if answer.is_error:
                raise error_of(answer)
            self._token = str(answer.json()["access_token"])
