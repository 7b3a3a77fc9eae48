"""One service as a process: listen, start, serve until told to stop, end in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)
from typing_extensions import override

from musecore.blobs import BlobStore, blobs_of
from musecore.broker import Broker, LocalBroker, RabbitBroker, fleet_topology
from musecore.errors import MuseError, Unavailable
from musecore.log import get_logger
from musecore.web import problem_response

if TYPE_CHECKING:  # a worker has no database, and starts sooner without SQLAlchemy
    from musecore.db import Database
    from musecore.identity import TokenVerifier

__all__ = [
    "Part",
    "Readiness",
    "Server",
    "Standalone",
    "blobs_of",
    "broker_of",
    "card_of",
    "listen",
    "serve",
    "started",
    "stop_asked",
    "url_of",
    "write_private",
]

log = get_logger(__name__)


class Part(Protocol):
    """What is served: an app, and what runs beside it."""

    @property
    def app(self) -> ASGIApp:
        """The HTTP application."""

    async def start(self) -> object:
        """Begin what runs beside the app; may be repeated after a failure."""

    async def stop(self) -> None:
        """End it in order."""


class Readiness:
    """Asks everything that a service needs, at once; for ``/readyz``."""

    def __init__(
        self,
        *,
        database: Database | None = None,
        broker: Broker | None = None,
        blobs: BlobStore | None = None,
        verifier: TokenVerifier | None = None,
    ) -> None:
        self._checks: list[Callable[[], Awaitable[object]]] = []
        if database is not None:
            self._checks.append(database.ping)
        if broker is not None:
            self._checks.append(_broker_check(broker))
        if blobs is not None:
            self._checks.append(blobs.ping)
        if verifier is not None:
            self._checks.append(verifier.ready)

    async def __call__(self) -> None:
        """Return when everything answers.

        Raises
        ------
        Unavailable
            Names everything that does not.
        """
        outcomes = await asyncio.gather(
            *(_within_time(check) for check in self._checks), return_exceptions=True
        )
        failures = [one for one in outcomes if isinstance(one, BaseException)]
        for failure in failures:
            if not isinstance(failure, MuseError):
                raise failure
        if failures:
            raise Unavailable("; ".join(str(one) for one in failures))


def _broker_check(broker: Broker) -> Callable[[], Awaitable[object]]:
    async def check() -> None:
        await broker.depth("readiness")

    ping = getattr(broker, "ping", None)
    return ping if ping is not None else check


async def _within_time(check: Callable[[], Awaitable[object]]) -> None:
    try:
        async with asyncio.timeout(5.0):
            await check()
    except TimeoutError as error:
        name = getattr(check, "__qualname__", str(check))
        raise Unavailable(f"{name} does not answer within 5 s.") from error


_ALWAYS = ("/healthz", "/metrics")


class _Gate:
    """Answers before the service has started: alive, not ready."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.is_open = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_open or scope.get("path") in _ALWAYS:
            await self._app(scope, receive, send)
            return
        answer = problem_response(Unavailable("Not ready: the service starts."))
        await answer(scope, receive, send)


class Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: it would end the process by them."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Take a port; 0 chooses a free one.

    Raises
    ------
    Unavailable
        The port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror}.",
            hint="Choose another --port (0: a free one), or stop what listens there.",
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Give the address under which a listening socket is reached from here."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads (mode 0600), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    part.replace(path)


@contextmanager
def card_of(path: Path | None, facts: dict[str, Any]) -> Iterator[None]:
    """Keep a file that says where the service is, while the block runs."""
    if path is None:
        yield
        return
    write_private(path, json.dumps(facts, indent=1) + "\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@asynccontextmanager
async def stop_asked() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set, instead of ending the process."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    try:
        yield asked
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def started(start: Callable[[], Awaitable[object]], patience_s: float) -> None:
    """Start something; try again for a while what is only away (database, broker)."""

    def transient(error: BaseException) -> bool:
        return isinstance(error, MuseError) and error.transient

    def note(state: RetryCallState) -> None:
        assert state.outcome is not None
        log.warning("start is tried again", detail=str(state.outcome.exception()))

    retrying = AsyncRetrying(
        retry=retry_if_exception(transient),
        stop=stop_after_delay(patience_s),
        wait=wait_random_exponential(multiplier=0.2, max=3.0),
        before_sleep=note,
        reraise=True,
    )
    async for attempt in retrying:
        with attempt:
            await start()


async def serve(
    name: str,
    part: Part,
    *,
    listener: socket.socket,
    card: Path | None = None,
    start_patience_s: float = 60.0,
    stop_patience_s: float = 20.0,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then end in order.

    It listens from the beginning and says that it is not ready until `part` has
    started. At the end it takes no more requests, lets those under way end, and then
    stops the part.

    Raises
    ------
    MuseError
        The part does not start.
    """
    gate = _Gate(part.app)
    server = Server(
        uvicorn.Config(
            gate,
            log_level="warning",
            log_config=None,  # its lines go the way of all: musecore.log
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=int(stop_patience_s) or 1,
        )
    )
    url = url_of(listener)
    async with stop_asked() as asked:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        begin = asyncio.create_task(started(part.start, start_patience_s))
        try:
            if await _first(begin, asked, serving):
                gate.is_open = True
                facts = {"name": name, "url": url, "pid": os.getpid()}
                with card_of(card, facts):
                    say(f"{name} serves at {url}")
                    await _first(None, asked, serving)
        finally:
            begin.cancel()
            await asyncio.gather(begin, return_exceptions=True)
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            since = time.monotonic()
            await part.stop()
            log.info(
                "stopped", service=name, seconds=round(time.monotonic() - since, 2)
            )


async def _first(
    begin: asyncio.Task[None] | None,
    asked: asyncio.Event,
    serving: asyncio.Task[None],
) -> bool:
    """Wait for the start, or the order to stop, or the end of the server.

    True when it was the start. An error of the start or of the server is raised.
    """
    waiting = asyncio.create_task(asked.wait())
    watched: set[asyncio.Task[Any]] = {waiting, serving}
    if begin is not None:
        watched.add(begin)
    try:
        done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
    if serving in done:
        serving.result()
    if begin is not None and begin in done:
        begin.result()
        return True
    return False


class _Service(Protocol):
    """What a service's ``main.Service`` offers."""

    async def start(self) -> object: ...

    async def stop(self) -> None: ...


class Standalone:
    """A service in a process of its own, with the mechanisms under it.

    Parameters
    ----------
    package
        Whose migrations the schema of `database` must have.
    closing
        Called at the end, in order: clients of other services.
    """

    def __init__(
        self,
        app: ASGIApp,
        service: _Service,
        *,
        database: Database | None = None,
        package: str = "",
        broker: Broker | None = None,
        closing: Sequence[Callable[[], Awaitable[object]]] = (),
    ) -> None:
        self._app = app
        self._service = service
        self._database = database
        self._package = package
        self._broker = broker
        self._broker_runs = False
        self._closing = closing

    @property
    def app(self) -> ASGIApp:
        """The HTTP application."""
        return self._app

    async def start(self) -> None:
        """Refuse an old schema, connect to the broker, start the service.

        Raises
        ------
        SchemaOutdated
            ``musewise-server migrate`` has not been run.
        DatabaseUnavailable, Unavailable
            Database or broker do not answer; `start` may be called again.
        """
        if self._database is not None:
            from musecore.db import require_current

            await require_current(self._database, self._package)
        if self._broker is not None and not self._broker_runs:
            await self._broker.start()
            self._broker_runs = True
        await self._service.start()

    async def stop(self) -> None:
        """Stop the service, then what is under it; an error stops nothing."""
        steps = [self._service.stop]
        if self._broker is not None and self._broker_runs:
            steps.append(self._broker.close)
        if self._database is not None:
            steps.append(self._database.close)
        for step in (*steps, *self._closing):
            try:
                await step()
            except Exception:
                log.exception("a step of stopping failed")


def broker_of(url: str) -> Broker:
    """Give the broker of a URL."""
    if url.startswith("local:"):
        return LocalBroker(journal=Path(url[6:]) if url[6:] else None)
    if url.startswith(("amqp://", "amqps://")):
        return RabbitBroker(url, fleet_topology())
    raise Unavailable(f"No broker speaks {url.partition(':')[0]}.")
