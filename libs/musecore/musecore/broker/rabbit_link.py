"""The connection to RabbitMQ: kept up, and published on with many confirms in flight."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    AuthenticationError,
    DeliveryError,
    ProbableAuthenticationError,
    PublishError,
)
from yarl import URL

from musecore.broker.contract import BrokerForbidden, BrokerUnavailable, Unroutable
from musecore.errors import MuseError
from musecore.log import get_logger

__all__ = ["LOST_EXCEPTIONS", "Link", "backoff_s"]

log = get_logger(__name__)

LOST_EXCEPTIONS = (*CONNECTION_EXCEPTIONS, asyncio.InvalidStateError)
"""What aio-pika raises when a connection or channel is gone."""

_REFUSED = (AuthenticationError, ProbableAuthenticationError)
_HEARTBEAT_S = 15
_IN_FLIGHT = 1000

_T = TypeVar("_T")


def backoff_s(failures: int) -> float:
    """Give the seconds to wait after so many failures in a row: 0.1 … 5, uneven."""
    return float(min(5.0, 0.1 * 2.0 ** min(failures, 10))) * random.uniform(0.7, 1.3)  # noqa: S311  spreads the load


class Link:
    """One connection with one publishing channel, made anew whenever it is lost.

    aio-pika's own robust connection is not used: it brings back what it knows and
    says little; this one says what happens and keeps nothing but a URL.

    Parameters
    ----------
    prepare
        Called with a channel after every connect, before anything else.
    patience_s
        How long to wait for the connection, and for a confirm.
    """

    def __init__(
        self,
        url: str,
        prepare: Callable[[AbstractChannel], Awaitable[None]],
        *,
        patience_s: float,
        name: str = "musewise",
    ) -> None:
        self._url = URL(url).update_query(heartbeat=str(_HEARTBEAT_S))
        self._prepare = prepare
        self._patience_s = patience_s
        self._name = name
        self._up = asyncio.Event()
        self._connection: AbstractConnection | None = None
        self._publishing: AbstractChannel | None = None
        self._exchanges: dict[str, aio_pika.abc.AbstractExchange] = {}
        self._failure: MuseError | None = None
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Semaphore(_IN_FLIGHT)

    @property
    def place(self) -> str:
        """Where the broker is, without the password."""
        return f"{self._url.host}:{self._url.port or 5672}"

    async def start(self) -> None:
        """Connect; raises when that does not work now, and may be called again."""
        self._task = asyncio.create_task(self._run(), name="broker-link")
        try:
            async with asyncio.timeout(self._patience_s):
                await self._up_or_failed()
        except TimeoutError:
            await self.stop()
            raise self._unavailable() from None
        except MuseError:
            await self.stop()
            raise

    async def _up_or_failed(self) -> None:
        while not self._up.is_set():
            if self._failure is not None and not self._failure.transient:
                raise self._failure
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    _ = await self._up.wait()

    async def stop(self) -> None:
        """Close the connection and try no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self._drop()

    async def connection(self) -> AbstractConnection:
        """Give the connection, when there is one."""
        while True:
            _ = await self._up.wait()
            if self._connection is not None and not self._connection.is_closed:
                return self._connection
            await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        """Lend a channel of its own; raises `BrokerUnavailable` when there is none."""
        try:
            async with asyncio.timeout(self._patience_s):
                channel = await (await self.connection()).channel()
        except (TimeoutError, *LOST_EXCEPTIONS) as error:
            raise self._unavailable() from error
        try:
            yield channel
        except LOST_EXCEPTIONS as error:
            raise self._unavailable(str(error)) from error
        finally:
            with contextlib.suppress(TimeoutError, *LOST_EXCEPTIONS):
                async with asyncio.timeout(self._patience_s):
                    await channel.close()

    async def patiently(self, work: Callable[[AbstractChannel], Awaitable[_T]]) -> _T:
        """Do what may be done twice, again while a broker that starts drops us.

        RabbitMQ 3.10 takes connections before its quorum queues are ready, and ends
        those that declare one too early (``INTERNAL_ERROR``).
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience_s
        while True:
            try:
                async with self.channel() as channel:
                    return await work(channel)
            except BrokerUnavailable:
                if loop.time() > end:
                    raise
                await asyncio.sleep(0.1)

    async def publish(self, exchange: str, key: str, form: aio_pika.Message) -> None:
        """Publish and wait for the confirm.

        Raises
        ------
        Unroutable
            No queue took it.
        BrokerUnavailable
            No connection, no confirm in time, or a queue that refused. The message
            may have arrived all the same.
        """
        try:
            async with asyncio.timeout(self._patience_s), self._room:
                await (await self._exchange(exchange)).publish(form, key)
        except PublishError as error:
            raise Unroutable(f"No queue takes messages named {key!r}.") from error
        except DeliveryError as error:
            raise self._unavailable("A queue refused the message (is it full?).") from (
                error
            )
        except (TimeoutError, *LOST_EXCEPTIONS) as error:
            raise self._unavailable() from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise self._unavailable() from error  # the channel went, not our caller

    async def _exchange(self, name: str) -> aio_pika.abc.AbstractExchange:
        while True:
            _ = await self._up.wait()
            channel = self._publishing
            if channel is not None and not channel.is_closed:
                break
            await asyncio.sleep(0.02)  # lost, and not yet seen by our task
        found = self._exchanges.get(name)
        if found is None:
            found = self._exchanges[name] = aio_pika.Exchange(channel, name)
        return found

    def _unavailable(self, why: str | None = None) -> BrokerUnavailable:
        reason = why or (self._failure.detail if self._failure else "")
        return BrokerUnavailable(
            f"The message broker at {self.place} does not answer. {reason}".strip(),
            hint="Is RabbitMQ running? It is tried again by itself.",
        )

    async def _run(self) -> None:
        failures = 0
        while True:
            lost = asyncio.Event()
            try:
                await self._connect(lost)
            except MuseError as error:
                self._failed(error, failures)
            except (TimeoutError, *LOST_EXCEPTIONS) as error:
                self._failed(self._as_muse_error(error), failures)
            else:
                log.info("connected to the broker", place=self.place)
                failures, self._failure = 0, None
                self._up.set()
                _ = await lost.wait()
                log.warning("connection to the broker lost", place=self.place)
            self._up.clear()
            await self._drop()
            await asyncio.sleep(backoff_s(failures))
            failures += 1

    def _failed(self, error: MuseError, failures: int) -> None:
        self._failure = error
        if failures in (0, 5) or failures % 60 == 0:
            log.warning("no broker, trying on", place=self.place, detail=str(error))

    def _as_muse_error(self, error: BaseException) -> MuseError:
        if isinstance(error, _REFUSED):
            return BrokerForbidden(
                f"The broker at {self.place} refuses user {self._url.user!r} "
                f"or the password: {error}",
                hint="Look at MUSEWISE_BROKER_URL and at rabbitmqctl list_permissions.",
            )
        if "Connection.OpenOk" in str(error):  # aiormq keeps the reason to itself
            return BrokerUnavailable(
                f"It closed the connection at virtual host {self._url.path!r}: does "
                f"that exist, and may user {self._url.user!r} use it?"
            )
        return BrokerUnavailable(f"{type(error).__name__}: {error}")

    async def _connect(self, lost: asyncio.Event) -> None:
        def on_close(*_: object) -> None:
            self._up.clear()
            lost.set()

        async with asyncio.timeout(self._patience_s):
            self._connection = await aio_pika.connect(
                self._url, client_properties={"connection_name": self._name}
            )
            self._connection.close_callbacks.add(on_close)
            async with self._connection.channel() as channel:
                await self._prepare(channel)
            self._publishing = await self._connection.channel(
                publisher_confirms=True, on_return_raises=True
            )
            self._publishing.close_callbacks.add(on_close)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._publishing = None
        self._exchanges.clear()
        if connection is not None:
            with contextlib.suppress(TimeoutError, *LOST_EXCEPTIONS):
                async with asyncio.timeout(self._patience_s):
                    await connection.close()
