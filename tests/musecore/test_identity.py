"""Tokens say who is calling, hold for their time, and cannot be forged."""

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt

from musecore.identity import (
    Principal,
    ScopeMissing,
    SigningKey,
    TokenExpired,
    TokenInvalid,
    TokenIssuer,
    TokenVerifier,
)
from musecore.testing import frozen_clock
from musecore.times import utcnow

NAMES: dict[str, Any] = {"issuer": "musewise", "audience": "musewise"}
ANNA = Principal(
    subject="anna",
    name="Anna",
    projects={"gto": 3, "local": 5},
    scopes=frozenset({"read", "process"}),
)
HOUR = timedelta(hours=1)


def source_of(*sets: dict[str, Any]) -> tuple[Callable[[], Awaitable[Any]], list[int]]:
    """Give a source that answers with the sets in turn, and its count of calls."""
    calls = [0]

    async def source() -> dict[str, Any]:
        calls[0] += 1
        return sets[min(calls[0], len(sets)) - 1]

    return source, calls


@pytest.mark.asyncio
async def test_a_token_gives_back_who_it_was_made_for() -> None:
    key = SigningKey.generate()
    token = TokenIssuer(key, **NAMES).issue(ANNA, HOUR)
    assert await TokenVerifier.of_key(key, **NAMES).verify(token) == ANNA
    assert (ANNA.level("gto"), ANNA.level("other")) == (3, 0)


@pytest.mark.asyncio
async def test_keys_are_asked_for_once() -> None:
    key = SigningKey.generate()
    source, calls = source_of(key.jwks())
    verifier = TokenVerifier(source, **NAMES)
    for _ in range(5):
        await verifier.verify(TokenIssuer(key, **NAMES).issue(ANNA, HOUR))
    assert calls == [1]


@pytest.mark.asyncio
async def test_a_new_key_is_found_but_not_asked_for_without_end() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    source, calls = source_of(old.jwks(), new.jwks())
    verifier = TokenVerifier(source, **NAMES)
    with frozen_clock(utcnow()) as clock:
        await verifier.verify(TokenIssuer(old, **NAMES).issue(ANNA, HOUR))
        token = TokenIssuer(new, **NAMES).issue(ANNA, HOUR)
        for _ in range(3):
            with pytest.raises(TokenInvalid):
                await verifier.verify(token)
        assert calls == [1]
        clock.advance(timedelta(seconds=31))
        assert await verifier.verify(token) == ANNA
        assert calls == [2]


@pytest.mark.asyncio
async def test_a_token_expires() -> None:
    key = SigningKey.generate()
    verifier = TokenVerifier.of_key(key, **NAMES)
    with frozen_clock(utcnow()) as clock:
        token = TokenIssuer(key, **NAMES).issue(ANNA, HOUR)
        clock.advance(HOUR + timedelta(seconds=20))
        await verifier.verify(token)
        clock.advance(timedelta(seconds=20))
        with pytest.raises(TokenExpired, match="time is over"):
            await verifier.verify(token)


@pytest.mark.asyncio
@pytest.mark.parametrize("wrong", [{"issuer": "other"}, {"audience": "other"}])
async def test_a_token_of_or_for_somebody_else_does_not_hold(
    wrong: dict[str, str],
) -> None:
    key = SigningKey.generate()
    token = TokenIssuer(key, **{**NAMES, **wrong}).issue(ANNA, HOUR)
    with pytest.raises(TokenInvalid):
        await TokenVerifier.of_key(key, **NAMES).verify(token)


@pytest.mark.asyncio
@pytest.mark.parametrize("missing", ["exp", "iss", "aud", "sub"])
async def test_a_token_without_an_essential_claim_does_not_hold(missing: str) -> None:
    key = SigningKey.generate()
    claims = {
        "iss": "musewise",
        "aud": "musewise",
        "sub": "anna",
        "exp": int(utcnow().timestamp()) + 3600,
    }
    header = {"alg": "ES256", "kid": key.kid}
    verifier = TokenVerifier.of_key(key, **NAMES)
    whole = jwt.encode(header, claims, key.key)
    assert (await verifier.verify(whole)).subject == "anna"
    del claims[missing]
    with pytest.raises(TokenInvalid, match=missing):
        await verifier.verify(jwt.encode(header, claims, key.key))


@pytest.mark.asyncio
async def test_a_forged_signature_does_not_hold() -> None:
    ours, theirs = SigningKey.generate(), SigningKey.generate()
    theirs.kid = ours.kid
    token = TokenIssuer(theirs, **NAMES).issue(ANNA, HOUR)
    with pytest.raises(TokenInvalid):
        await TokenVerifier.of_key(ours, **NAMES).verify(token)


@pytest.mark.asyncio
async def test_changed_claims_do_not_hold() -> None:
    key = SigningKey.generate()
    head, body, signature = TokenIssuer(key, **NAMES).issue(ANNA, HOUR).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] = "service"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(TokenInvalid):
        await TokenVerifier.of_key(key, **NAMES).verify(f"{head}.{forged}.{signature}")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "ä.ö.ü",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",  # alg none
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA",  # another algorithm
    ],
)
async def test_what_is_no_token_does_not_hold(token: str) -> None:
    key = SigningKey.generate()
    with pytest.raises(TokenInvalid):
        await TokenVerifier.of_key(key, **NAMES).verify(token)


def test_the_key_is_kept_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing.pem"
    made = SigningKey.load_or_generate(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load_or_generate(path).kid == made.kid
    assert SigningKey.load(path).jwks() == made.jwks()


def test_the_key_set_does_not_hold_the_private_half() -> None:
    [public] = SigningKey.generate().jwks()["keys"]
    assert "d" not in public
    assert (public["kty"], public["crv"], public["use"]) == ("EC", "P-256", "sig")


def test_a_missing_scope_is_named() -> None:
    ANNA.require_scope("process")
    with pytest.raises(ScopeMissing, match="'service'"):
        ANNA.require_scope("service")
    assert not ANNA.is_service
    worker = Principal(subject="w", name="worker", scopes=frozenset({"service"}))
    assert worker.is_service
