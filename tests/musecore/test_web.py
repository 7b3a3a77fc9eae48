"""Every answer that is an error is a problem document with a correlation id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from musecore.errors import NotFound, Refused, Unavailable
from musecore.identity import Principal, SigningKey, TokenIssuer, TokenVerifier
from musecore.log import correlation_id
from musecore.web import (
    CurrentPrincipal,
    CurrentService,
    compose,
    create_app,
    problems,
)

NAMES = {"issuer": "musewise", "audience": "musewise"}
KEY = SigningKey.generate()


def token_for(*scopes: str) -> dict[str, str]:
    person = Principal(subject="anna", name="Anna", scopes=frozenset(scopes))
    token = TokenIssuer(KEY, **NAMES).issue(person, timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


async def not_ready() -> None:
    raise Unavailable("The database is away.", hint="Start it.")


def make_app(**options: Any) -> FastAPI:
    app = create_app("lamps", verifier=TokenVerifier.of_key(KEY, **NAMES), **options)

    @app.get("/lamps/{number}", responses=problems(NotFound, Refused))
    async def lamp(number: int) -> dict[str, str | None]:
        if number > 3:
            raise NotFound(f"No lamp {number}.", hint="There are 3.")
        if number == 0:
            raise ZeroDivisionError("secret of the house")
        return {"name": "Ne", "correlation_id": correlation_id()}

    @app.get("/me")
    async def me(caller: CurrentPrincipal) -> dict[str, str]:
        return {"name": caller.name}

    @app.post("/leases")
    async def lease(caller: CurrentService) -> dict[str, str]:
        return {"name": caller.name}

    return app


def client_for(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://lamps"
    )


@pytest.mark.asyncio
async def test_a_muse_error_becomes_a_problem_document() -> None:
    async with client_for(make_app()) as client:
        answer = await client.get("/lamps/7", headers={"X-Correlation-ID": "night-1"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:musewise:error:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "No lamp 7.",
        "code": "not_found",
        "hint": "There are 3.",
        "loc": None,
        "correlation_id": "night-1",
    }
    assert answer.headers["x-correlation-id"] == "night-1"


@pytest.mark.asyncio
async def test_malformed_input_is_a_problem_that_names_the_place() -> None:
    async with client_for(make_app()) as client:
        answer = await client.get("/lamps/seven")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
    assert answer.json()["loc"] == ["path", "number"]
    assert "path.number" in answer.json()["detail"]


@pytest.mark.asyncio
async def test_an_unexpected_error_tells_nothing_but_its_correlation_id() -> None:
    async with client_for(make_app()) as client:
        answer = await client.get("/lamps/0", headers={"X-Correlation-ID": "night-2"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["correlation_id"] == "night-2"
    assert "secret" not in answer.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nothing", 404, "not_found"), ("PUT", "/me", 405, "http_405")],
)
async def test_errors_of_the_framework_are_problems_too(
    method: str, path: str, status: int, code: str
) -> None:
    async with client_for(make_app()) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.asyncio
async def test_every_request_has_a_correlation_id_of_its_own() -> None:
    async with client_for(make_app()) as client:
        first = await client.get("/lamps/1")
        second = await client.get("/lamps/1")
    ids = [answer.json()["correlation_id"] for answer in (first, second)]
    assert ids == [answer.headers["x-correlation-id"] for answer in (first, second)]
    assert ids[0] != ids[1]
    assert correlation_id() is None


@pytest.mark.asyncio
async def test_a_correlation_id_that_could_break_a_log_is_replaced() -> None:
    async with client_for(make_app()) as client:
        answer = await client.get("/lamps/1", headers={"X-Correlation-ID": "x" * 999})
    assert len(answer.headers["x-correlation-id"]) == 36


@pytest.mark.asyncio
async def test_a_token_tells_who_is_calling() -> None:
    async with client_for(make_app()) as client:
        known = await client.get("/me", headers=token_for())
        nobody = await client.get("/me")
        forged = await client.get("/me", headers={"Authorization": "Bearer a.b.c"})
    assert known.json() == {"name": "Anna"}
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthorized")
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert (forged.status_code, forged.json()["code"]) == (401, "token_invalid")


@pytest.mark.asyncio
async def test_some_doors_are_for_our_own_services_only() -> None:
    async with client_for(make_app()) as client:
        person = await client.post("/leases", headers=token_for("read"))
        service = await client.post("/leases", headers=token_for("service"))
    assert (person.status_code, person.json()["code"]) == (403, "scope_missing")
    assert service.status_code == 200


@pytest.mark.asyncio
async def test_health_is_not_readiness() -> None:
    async with client_for(make_app(ready=not_ready)) as client:
        health = await client.get("/healthz")
        ready = await client.get("/readyz")
    assert health.json() == {"status": "ok"}
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "2"
    assert ready.json()["detail"] == "Not ready: The database is away."
    async with client_for(make_app()) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}


@pytest.mark.asyncio
async def test_several_apps_are_served_as_one_with_their_lifespans() -> None:
    running: set[str] = set()

    def lifespan_of(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            running.add(name)
            yield
            running.discard(name)

        return lifespan

    apps = {f"/{name}": make_app(lifespan=lifespan_of(name)) for name in ("one", "two")}
    whole = compose("musewise", apps)
    async with whole.router.lifespan_context(whole), client_for(whole) as client:
        assert running == {"one", "two"}
        found = await client.get("/two/lamps/1")
        missing = await client.get("/one/lamps/9")
        broken = await client.get("/one/lamps/0")
        schema = (await client.get("/one/openapi.json")).json()
    assert running == set()
    assert found.json()["name"] == "Ne"
    assert found.headers.get_list("x-correlation-id") == [
        found.json()["correlation_id"]
    ]
    assert missing.json()["code"] == "not_found"
    assert broken.json()["code"] == "internal_error"
    assert "/lamps/{number}" in schema["paths"]


def test_the_errors_of_an_endpoint_are_in_its_description() -> None:
    declared = make_app().openapi()["paths"]["/lamps/{number}"]["get"]["responses"]
    assert declared["404"]["description"] == "not_found"
    assert declared["422"]["description"] == "refused"
    assert "Problem" in str(declared["404"])
