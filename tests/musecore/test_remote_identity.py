"""The auth service over HTTP: its keys, and tokens for a service account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from musecore.errors import Unavailable
from musecore.identity import (
    Principal,
    RemoteKeys,
    ServiceToken,
    SigningKey,
    TokenInvalid,
    TokenIssuer,
    TokenVerifier,
)
from musecore.identity.remote import AccountRefused
from musecore.testing import frozen_clock
from musecore.times import utcnow

NAMES: dict[str, Any] = {"issuer": "musewise", "audience": "musewise"}
ANNA = Principal(subject="anna", name="Anna")
HOUR = timedelta(hours=1)


class Auth:
    """Answers as the auth service does; may be away, or change its key."""

    def __init__(self) -> None:
        self.key = SigningKey.generate()
        self.away = False
        self.asked = 0
        self.given = 0
        self.secret = "right"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/jwks.json":
            return httpx.Response(200, json=self.key.jwks())
        if f"client_secret={self.secret}" not in request.content.decode():
            return httpx.Response(401, json={"detail": "The secret does not fit."})
        self.given += 1
        body = {"access_token": f"token-{self.given}", "expires_in": 3600}
        return httpx.Response(200, json=body)

    def verifier(self, now: Callable[[], float]) -> TokenVerifier:
        transport = httpx.MockTransport(self)
        keys = RemoteKeys("http://auth", transport=transport, clock=now)
        return TokenVerifier(keys, **NAMES)

    def token(self, secret: str = "right") -> ServiceToken:
        return ServiceToken(
            "http://auth", "worker", secret, transport=httpx.MockTransport(self)
        )


@pytest.mark.asyncio
async def test_while_auth_is_away_tokens_are_not_judged_and_it_is_not_hammered() -> (
    None
):
    auth, now = Auth(), [0.0]
    verifier = auth.verifier(lambda: now[0])
    good = TokenIssuer(auth.key, **NAMES).issue(ANNA, HOUR)
    auth.away = True
    for _ in range(5):
        with pytest.raises(Unavailable, match="auth_url"):
            await verifier.verify(good)
    with pytest.raises(Unavailable):
        await verifier.ready()
    assert auth.asked == 1
    auth.away = False
    now[0] = 2.0
    assert await verifier.verify(good) == ANNA
    auth.away = True
    await verifier.ready()
    assert await verifier.verify(good) == ANNA


@pytest.mark.asyncio
async def test_a_token_of_an_unknown_key_is_invalid_when_auth_answers() -> None:
    auth = Auth()
    other = TokenIssuer(SigningKey.generate(), **NAMES).issue(ANNA, HOUR)
    with pytest.raises(TokenInvalid):
        await auth.verifier(lambda: 0.0).verify(other)


@pytest.mark.asyncio
async def test_a_service_token_is_fetched_once_and_renewed_at_half_time() -> None:
    auth = Auth()
    token = auth.token()
    with frozen_clock(utcnow()) as clock:
        assert [await token.current() for _ in range(3)] == ["token-1"] * 3
        clock.advance(timedelta(minutes=31))
        assert await token.current() == "token-2"


@pytest.mark.asyncio
async def test_a_token_that_holds_is_used_while_auth_is_away() -> None:
    auth = Auth()
    token = auth.token()
    with frozen_clock(utcnow()) as clock:
        await token.current()
        auth.away = True
        clock.advance(timedelta(minutes=31))
        assert await token.current() == "token-1"
        clock.advance(timedelta(minutes=31))
        with pytest.raises(Unavailable):
            await token.current()


@pytest.mark.asyncio
async def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    auth, bearers = Auth(), []

    def service(request: httpx.Request) -> httpx.Response:
        bearers.append((request.headers["Authorization"], request.content))
        fresh = request.headers["Authorization"] == "Bearer token-2"
        return httpx.Response(200 if fresh else 401)

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(service), auth=auth.token()
    ) as client:
        answer = await client.post("http://catalog/x", json={"a": 1})
    assert answer.status_code == 200
    assert bearers == [("Bearer token-1", b'{"a":1}'), ("Bearer token-2", b'{"a":1}')]


@pytest.mark.asyncio
async def test_a_wrong_secret_is_said_with_the_remedy() -> None:
    with pytest.raises(AccountRefused, match="reset-secret worker"):
        await Auth().token("wrong").current()
