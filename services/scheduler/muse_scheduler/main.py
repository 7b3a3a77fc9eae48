"""The only wiring: settings, database, broker and use cases become one service."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import FastAPI

from muse_scheduler import consumers
from muse_scheduler.api import router
from muse_scheduler.models import Versions
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
from musecore.identity import TokenVerifier
from musecore.muse.schema import MuseModel, load
from musecore.outbox import Relay
from musecore.web import create_app as make_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "Space", "create_app"]

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
            )
        )
        self.app = create_app(self.service, database=database, verifier=verifier)
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

    async def stop(self) -> None:
        """End everything that `start` began; what is unsent waits."""
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
    service: SchedulerService, *, database: Database, verifier: TokenVerifier
) -> FastAPI:
    """Make the app of the scheduler, without anything that runs beside it."""
    app = make_app(
        "musewise scheduler",
        description="Plans, jobs and tasks: from a wanted product to recipes that run.",
        verifier=verifier,
        ready=database.ping,
    )
    app.state.service = service
    app.include_router(router)
    return app


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


def _musewise() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("musewise-server")
    except PackageNotFoundError:
        return "0"
