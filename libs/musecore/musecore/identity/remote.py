"""The auth service seen from the others: its public keys, and tokens for a secret."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from typing_extensions import override

from musecore.errors import MuseError, Unauthorized, Unavailable
from musecore.times import utcnow

__all__ = ["RemoteKeys", "ServiceToken"]

_TIMEOUT_S = 5.0
_REST_S = 1.0


class AccountRefused(Unauthorized):
    """The auth service does not take this service account or its secret."""

    code = "account_refused"


class RemoteKeys:
    """The public keys of the auth service, over HTTP: a source for `TokenVerifier`.

    Parameters
    ----------
    auth_url
        Its base address.
    transport
        The seam for an app in the same process.

    Notes
    -----
    While auth does not answer, it is asked once a second at most, and the answer is
    `Unavailable` (503), never "token invalid".
    """

    def __init__(
        self,
        auth_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{auth_url.rstrip('/')}/jwks.json"
        self._transport = transport
        self._clock = clock
        self._lock = asyncio.Lock()
        self._failure: tuple[float, str] | None = None

    async def __call__(self) -> dict[str, Any]:
        """Fetch the key set.

        Raises
        ------
        Unavailable
        """
        async with self._lock:
            if self._failure and self._clock() - self._failure[0] < _REST_S:
                raise self._away(self._failure[1])
            try:
                found = await self._fetch()
            except (httpx.HTTPError, ValueError, KeyError) as error:
                said = f"{type(error).__name__} {error}".strip()
                self._failure = (self._clock(), said)
                raise self._away(said) from error
            self._failure = None
            return found

    async def _fetch(self) -> dict[str, Any]:
        async with httpx.AsyncClient(
            transport=self._transport, timeout=_TIMEOUT_S
        ) as client:
            answer = await client.get(self._url)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        if not found["keys"]:
            raise ValueError("no keys")
        return found

    def _away(self, said: str) -> Unavailable:
        return Unavailable(
            f"The public keys of the auth service cannot be had from {self._url}: "
            f"{said}.",
            hint="Is the auth service running, and auth_url right?",
        )


class ServiceToken(httpx.Auth):
    """Signs the calls of a service with a token for its account, never an old one.

    The token is renewed after half of its lifetime, and once more when a service
    refuses it (its key may have been changed). Requests with a streamed body are not
    sent again.

    Parameters
    ----------
    auth_url
        Base address of the auth service.
    client_id, client_secret
        The service account.
    """

    def __init__(
        self,
        auth_url: str,
        client_id: str,
        client_secret: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = f"{auth_url.rstrip('/')}/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._transport = transport
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at: datetime | None = None
        self._ends_at: datetime | None = None

    async def current(self, *, refused: str | None = None) -> str:
        """Give a token; another one than `refused`.

        Raises
        ------
        AccountRefused
            Auth does not know the account, or the secret is wrong.
        Unavailable
            Auth does not answer, and there is no token that still holds.
        """
        async with self._lock:
            now = utcnow()
            due = self._renew_at is None or now >= self._renew_at
            if due or self._token == refused:
                await self._renew(now, must=self._token == refused)
            return self._token

    async def _renew(self, now: datetime, *, must: bool) -> None:
        holds = not must and self._ends_at is not None and now < self._ends_at
        try:
            answer = await self._ask()
        except Unavailable:
            if holds:
                return
            raise
        lifetime = float(answer["expires_in"])
        self._token = str(answer["access_token"])
        self._renew_at = now + timedelta(seconds=lifetime / 2)
        self._ends_at = now + timedelta(seconds=lifetime)

    async def _ask(self) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(
                transport=self._transport, timeout=_TIMEOUT_S
            ) as client:
                answer = await client.post(self._url, data=self._form)
        except httpx.TransportError as error:
            raise Unavailable(
                f"{self._url} does not answer: {type(error).__name__} {error}"
            ) from error
        if answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        raise self._refusal(answer)

    def _refusal(self, answer: httpx.Response) -> MuseError:
        detail = f"HTTP status {answer.status_code}"
        with contextlib.suppress(ValueError, AttributeError):
            detail = str(answer.json().get("detail") or detail)
        if answer.status_code in (400, 401, 403, 404, 422):
            return AccountRefused(
                f"{self._url} refuses {self._form['client_id']!r}: {detail}",
                hint="Check client_id and client_secret, or run: "
                f"musewise-server admin reset-secret {self._form['client_id']}",
            )
        return Unavailable(f"{self._url}: {detail}")

    @override
    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        token = await self.current()
        request.headers["Authorization"] = f"Bearer {token}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and _can_repeat(request):
            token = await self.current(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request


def _can_repeat(request: httpx.Request) -> bool:
    try:
        _ = request.content
    except httpx.RequestNotRead:
        return False
    return True
