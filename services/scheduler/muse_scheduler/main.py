"""The only wiring: settings, database, broker and use cases become one service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

import httpx
from fastapi import FastAPI

from muse_scheduler import consumers
from muse_scheduler.api import campaigns_router, jobs_router, workers_router
from muse_scheduler.models import Versions
from muse_scheduler.providers import Hooks, Mailer, Post, StorageClient
from muse_scheduler.rules import Addresses, AddressRefused
from muse_scheduler.service import (
    Context,
    Policy,
    SchedulerService,
    Space,
    SpaceSource,
)
from muse_scheduler.settings import SchedulerSettings
from musecore.broker import Broker, Subscription
from musecore.db import Database, require_current
from musecore.identity import RemoteKeys, ServiceToken, TokenVerifier
from musecore.muse.schema import MuseModel, load
from musecore.outbox import Relay
from musecore.serving import Readiness, Standalone, broker_of
from musecore.settings import SettingInvalid
from musecore.web import create_app as make_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "Space", "create_app", "standalone"]

PACKAGE = "muse_scheduler"
SCHEMA = "scheduler"


class Service:
    """The scheduler: an app, and what runs beside it.

    Parameters
    ----------
    settings
        Read by the caller's ``main``.
    database
        With the schema of this service, migrated.
    space
        Tells the room in the store; None: products are never dropped for room.
    model
        The MUSE model; the current one by default.

    Attributes
    ----------
    app
        To be mounted at ``/scheduler``.
    service
        The use cases.
    """

    def __init__(
        self,
        settings: SchedulerSettings,
        *,
        database: Database,
        broker: Broker,
        verifier: TokenVerifier,
        space: SpaceSource | None = None,
        model: MuseModel | None = None,
    ) -> None:
        self._database = database
        self._broker = broker
        facts = load() if model is None else model
        self.service = SchedulerService(
            Context(
                database=database,
                model=facts,
                versions=versions_of(settings, facts),
                policy=policy_of(settings),
                space=space,
                addresses=addresses_of(settings),
                post=post_of(settings),
            )
        )
        self.app = create_app(
            self.service,
            database=database,
            verifier=verifier,
            ready=Readiness(database=database, broker=broker, verifier=verifier),
        )
        self._relay = Relay(database, broker)
        self._subscriptions: list[Subscription] = []

    async def start(self) -> None:
        """Listen, relay, look around. The schema must be current.

        Raises
        ------
        SchemaOutdated
            The migrations have not been run.
        """
        await require_current(self._database, PACKAGE)
        self._subscriptions = await consumers.subscribe(self._broker, self.service)
        await self._relay.start()
        await self.service.reaper.start()
        await self.service.measuring.rounds.start()
        await self.service.notifier.start()

    async def stop(self) -> None:
        """End everything that `start` began; what is unsent waits."""
        await self.service.notifier.stop()
        await self.service.measuring.rounds.stop()
        await self.service.reaper.stop()
        for subscription in self._subscriptions:
            await subscription.cancel()
        self._subscriptions = []
        await self._relay.stop()

    async def recover(self, workers: Collection[str]) -> int:
        """End the attempts of workers that died with an earlier server, at once.

        Their tasks are queued again; finished tasks never run again. Gives the
        number of attempts ended.
        """
        return await self.service.reaper.recover(workers)


def create_app(
    service: SchedulerService,
    *,
    database: Database,
    verifier: TokenVerifier,
    ready: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """Make the app of the scheduler, without anything that runs beside it."""
    app = make_app(
        "musewise scheduler",
        description="Plans, jobs and tasks: from a wanted product to recipes that run.",
        verifier=verifier,
        ready=ready or database.ping,
    )
    app.state.service = service
    app.include_router(jobs_router)
    app.include_router(campaigns_router)
    app.include_router(workers_router)
    return app


def standalone(settings: SchedulerSettings) -> Standalone:
    """Wire the scheduler as a process of its own.

    Raises
    ------
    SettingMissing
    """
    database = Database(settings.need("database_url"), SCHEMA)
    broker = broker_of(settings.need("broker_url"))
    keys = RemoteKeys(settings.need("auth_url"))
    storage = _storage(settings)
    service = Service(
        settings,
        database=database,
        broker=broker,
        verifier=TokenVerifier(
            keys, issuer=settings.issuer, audience=settings.audience
        ),
        space=None if storage is None else _space_of(storage),
    )
    return Standalone(
        service.app,
        service,
        database=database,
        package=PACKAGE,
        broker=broker,
        closing=[] if storage is None else [storage.close],
    )


def _storage(settings: SchedulerSettings) -> StorageClient | None:
    if settings.storage_url is None:
        return None
    token = ServiceToken(
        settings.need("auth_url"),
        settings.need("client_id"),
        settings.need("client_secret"),
    )
    return StorageClient(httpx.AsyncClient(base_url=settings.storage_url, auth=token))


def _space_of(storage: StorageClient) -> SpaceSource:
    async def space() -> Space | None:
        room = await storage.room()
        if room is None:  # an S3 store cannot tell: nothing is ever dropped for room
            return None
        return Space(free=room.free, total=room.total, used=room.used)

    return space


def versions_of(settings: SchedulerSettings, model: MuseModel) -> Versions:
    """Say which software the planned keys stand for."""
    return Versions(
        pipeline=settings.pipeline_version or model.recipes.pipeline,
        cpl=settings.cpl_version,
        musewise=_musewise(),
        rule_set=model.rule_set,
        image=settings.image_digest,
    )


def policy_of(settings: SchedulerSettings) -> Policy:
    """Take the numbers of the policy out of the settings."""
    names = set(Policy.__dataclass_fields__)
    return Policy(**settings.model_dump(include=names))


def addresses_of(settings: SchedulerSettings) -> Addresses:
    """Say where notices may go.

    Raises
    ------
    SettingInvalid
        A standing address is none, or not allowed.
    """
    addresses = Addresses(
        standing=settings.notify,
        hosts=frozenset(settings.webhook_hosts),
        mail=settings.smtp_url is not None,
    )
    try:
        addresses.check(settings.notify)
    except AddressRefused as error:
        raise SettingInvalid(
            f"The setting notify does not fit: {error.detail}", hint=error.hint
        ) from None
    return addresses


def post_of(settings: SchedulerSettings) -> Post:
    """Open the ways that notices go.

    Raises
    ------
    SettingMissing, SettingInvalid
    """
    mailer = hooks = None
    if settings.smtp_url is not None:
        sender = settings.need("mail_from")
        try:
            mailer = Mailer.of(settings.need("smtp_url"), sender)
        except ValueError as error:
            raise SettingInvalid(
                f"The setting smtp_url does not fit: {error}."
            ) from None
    if settings.webhook_hosts:
        secret = settings.need("webhook_secret")
        hooks = Hooks(secret, timeout_s=settings.webhook_timeout_s)
    return Post(mailer, hooks)


def _musewise() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("musewise-server")
    except PackageNotFoundError:
        return "0"
