"""The door of every service: errors as problem documents, health, who is calling."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from opentelemetry.trace import INVALID_SPAN, Span
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from musecore.errors import (
    InternalError,
    Invalid,
    MuseError,
    NotFound,
    Problem,
    Unauthorized,
    Unavailable,
    problem_of,
)
from musecore.identity import SERVICE_SCOPE, Principal, TokenVerifier
from musecore.log import correlation, correlation_id, get_logger, serving
from musecore.telemetry import HTTP_SECONDS, continued, scrape, traced
from musecore.times import uuid7

__all__ = [
    "CORRELATION_HEADER",
    "ClientGone",
    "CurrentPrincipal",
    "CurrentService",
    "Lifespan",
    "compose",
    "create_app",
    "principal",
    "problem_response",
    "problems",
    "while_connected",
]

log = get_logger(__name__)

CORRELATION_HEADER = "X-Correlation-ID"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    title: str,
    *,
    version: str = "0.1.0",
    verifier: TokenVerifier | None = None,
    ready: Callable[[], Awaitable[None]] | None = None,
    lifespan: Lifespan | None = None,
    service: str | None = None,
    **options: Any,
) -> FastAPI:
    """Make the FastAPI app of a service.

    Parameters
    ----------
    service
        Its name in logs, metrics and traces; by default the title's words without
        "musewise", joined: ``storage-gateway``.
    verifier
        Verifies the Bearer tokens of `CurrentPrincipal`.
    ready
        Raises when the service cannot work now; ``/readyz`` then answers 503.
    options
        Passed on to `FastAPI`: ``root_path``, ``description``, …
    """
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        generate_unique_id_function=_operation,
        separate_input_output_schemas=False,
        **options,
    )
    app.state.verifier = verifier
    app.add_middleware(TelemetryMiddleware, service=service or _service_of(title))
    app.add_middleware(CorrelationMiddleware)
    app.add_exception_handler(MuseError, _on_muse_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    _add_health(app, ready)
    return app


def compose(title: str, apps: Mapping[str, FastAPI], **options: Any) -> FastAPI:
    """Serve several apps from one, each under its prefix (embedded mode).

    The lifespans of all apps run with that of the whole.
    """

    @asynccontextmanager
    async def all_lifespans(_whole: FastAPI) -> Any:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    whole = create_app(title, lifespan=all_lifespans, **options)
    for prefix, app in apps.items():
        whole.mount(prefix, app)
    return whole


def _operation(route: APIRoute) -> str:
    """Name an operation in OpenAPI as its function: clients are generated from it."""
    return route.name


def _add_health(app: FastAPI, ready: Callable[[], Awaitable[None]] | None) -> None:
    @app.get("/healthz", tags=["health"], summary="The process runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"], summary="The service can work")
    async def readyz() -> dict[str, str]:
        if ready is not None:
            await _require_ready(ready)
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        content, media_type = scrape()
        return Response(content, headers={"Content-Type": media_type})


def _service_of(title: str) -> str:
    return title.lower().removeprefix("musewise").strip().replace(" ", "-") or "whole"


async def _require_ready(ready: Callable[[], Awaitable[None]]) -> None:
    try:
        await ready()
    except MuseError as error:
        raise Unavailable(f"Not ready: {error.detail}", hint=error.hint) from error


class CorrelationMiddleware:
    """Gives every request a correlation id and answers with it (pure ASGI).

    What no handler expected becomes a problem document here, inside the correlation;
    Starlette's own last resort is outside of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = correlation_id()
        value = known or _given_correlation(scope) or str(uuid7())
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start" and known is None:
                pair = (CORRELATION_HEADER.lower().encode(), value.encode())
                message["headers"] = [*message["headers"], pair]
            await send(message)

        with correlation(value):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                if started:
                    raise
                await _surprise(error)(scope, receive, send_with_id)


class TelemetryMiddleware:
    """Times every request, by the template of its route, and traces it (pure ASGI).

    Of apps inside one another only the inmost counts, for it knows the route.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with serving(self._service), _request_span(scope) as span:
                await self.app(scope, receive, send_and_see)
                span.update_name(f"{scope['method']} {_route(scope)}")
                span.set_attribute("http.response.status_code", status)
        finally:
            if not scope.get(_COUNTED):
                scope[_COUNTED] = True
                taken = time.perf_counter() - start
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                series = (self._service, method, _route(scope), status)
                HTTP_SECONDS.labels(*series).observe(taken)


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_UNTRACED = {"/healthz", "/readyz", "/metrics"}
_COUNTED = "musewise.counted"
_SPANNED = "musewise.spanned"


@contextmanager
def _request_span(scope: Scope) -> Iterator[Span]:
    """Span of a request; apps inside one another make one."""
    if scope.get(_SPANNED) or scope["path"] in _UNTRACED:
        yield INVALID_SPAN
        return
    scope[_SPANNED] = True
    names = {key.decode("latin-1"): v.decode("latin-1") for key, v in scope["headers"]}
    method = scope["method"]
    with continued(names), traced(method, kind="server", http_method=method) as span:
        yield span


def _route(scope: Scope) -> str:
    """Template of the route, as ``/tasks/{task_id}``: its values are no labels."""
    return str(getattr(scope.get("route"), "path", "(none)"))


def _given_correlation(scope: Scope) -> str | None:
    name = CORRELATION_HEADER.lower().encode()
    for key, value in scope["headers"]:
        text = value.decode("latin-1")
        if key == name and len(text) <= 128 and text.isprintable():
            return str(text)
    return None


def problem_response(error: MuseError) -> JSONResponse:
    """Give an error as ``application/problem+json``."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.transient:
        headers["Retry-After"] = "2"
    return JSONResponse(
        problem_of(error, correlation_id()).model_dump(),
        status_code=error.status,
        media_type="application/problem+json",
        headers=headers,
    )


async def _on_muse_error(_request: Request, error: Exception) -> JSONResponse:
    muse_error = cast("MuseError", error)
    if muse_error.status >= 500:
        log.error("request failed", code=muse_error.code, detail=muse_error.detail)
    return problem_response(muse_error)


async def _on_validation_error(_request: Request, error: Exception) -> JSONResponse:
    issues = cast("RequestValidationError", error).errors()
    said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in issues]
    first = tuple(issues[0]["loc"]) if issues else None
    return problem_response(Invalid("; ".join(said) + ".", loc=first))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    cause = cast("HTTPException", error)
    if cause.status_code == 404:
        return problem_response(NotFound(f"There is nothing at {request.url.path}."))
    body = Problem(
        type="about:blank",
        title=cause.detail,
        status=cause.status_code,
        detail=f"{request.method} {request.url.path}: {cause.detail}",
        code=f"http_{cause.status_code}",
        hint=None,
        loc=None,
        correlation_id=correlation_id(),
    )
    return JSONResponse(
        body.model_dump(),
        status_code=cause.status_code,
        media_type="application/problem+json",
        headers=cause.headers,
    )


def _surprise(error: Exception) -> JSONResponse:
    """Say that we failed, and nothing of how: that is in the log."""
    log.error("unexpected error", exc_info=error)
    return problem_response(
        InternalError("The server failed.", hint="Its log has this correlation id.")
    )


_bearer = HTTPBearer(auto_error=False, description="A token of the auth service")


async def principal(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Give who is calling, from the Bearer token.

    Raises
    ------
    Unauthorized
        No token, or one that does not hold.
    """
    if credentials is None:
        raise Unauthorized(
            "This needs a token.", hint="Send the header: Authorization: Bearer TOKEN"
        )
    verifier: TokenVerifier | None = request.app.state.verifier
    if verifier is None:
        raise InternalError("This app was made without a token verifier.")
    return await verifier.verify(credentials.credentials)


CurrentPrincipal = Annotated[Principal, Depends(principal)]
"""Parameter type of an endpoint: who is calling."""


async def _service(caller: CurrentPrincipal) -> Principal:
    caller.require_scope(SERVICE_SCOPE)
    return caller


CurrentService = Annotated[Principal, Depends(_service)]
"""Parameter type of an endpoint for our own services only."""


class ClientGone(MuseError):
    """Who asked went away before the answer was there; nobody reads this."""

    code = "client_gone"
    status = 499


_Answer = TypeVar("_Answer")


async def while_connected(request: Request, work: Awaitable[_Answer]) -> _Answer:
    """Do work for a request, and stop it when the client goes away.

    What is cancelled so is stopped in PostgreSQL too. The body must have been read.

    Raises
    ------
    ClientGone
    """
    doing = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientGone("The client went away; its work was stopped.")
    finally:
        for one in (doing, gone):
            one.cancel()
        await asyncio.wait({doing, gone})


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def problems(*errors: type[MuseError]) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of an endpoint: ``responses=problems(FrameNotFound)``."""
    declared: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        known = declared.get(error.status)
        codes = error.code if known is None else f"{known['description']}, {error.code}"
        declared[error.status] = {"model": Problem, "description": codes}
    return declared
