"""Wiring of the storage gateway."""

from datetime import timedelta
from typing import Self

from fastapi import FastAPI

from muse_storage.api import add_routes
from muse_storage.consumers import subscribe
from muse_storage.service import Copies, Garbage, Holdings, Intake
from muse_storage.settings import StorageSettings
from musecore.blobs import BlobStore
from musecore.broker import Broker, Subscription
from musecore.db import Database, require_current
from musecore.identity import RemoteKeys, TokenVerifier
from musecore.outbox import Relay
from musecore.rounds import Rounds
from musecore.serving import Readiness, Standalone, blobs_of, broker_of
from musecore.times import utcnow
from musecore.web import create_app as create_web_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "create_app", "standalone"]

PACKAGE = "muse_storage"

SCHEMA = "storage"
"""The PostgreSQL schema of this service."""


class Service:
    """The storage gateway of one site.

    Attributes
    ----------
    app
        The HTTP application; `start` must have run before it serves.
    """

    def __init__(
        self,
        settings: StorageSettings,
        *,
        database: Database,
        broker: Broker,
        blobs: BlobStore,
        verifier: TokenVerifier,
    ) -> None:
        self._settings = settings
        self._database = database
        self._broker = broker
        self._relay = Relay(database, broker)
        self._garbage = Garbage(
            database,
            blobs,
            upload_lifetime=timedelta(hours=settings.upload_lifetime_h),
            orphan_age=timedelta(hours=settings.orphan_age_h),
        )
        self._holdings = Holdings(database, blobs, self._garbage, site=settings.site)
        copies = Copies(database, blobs, self._holdings, site=settings.site)
        self._intake = Intake(
            database,
            blobs,
            self._garbage,
            site=settings.site,
            allow_local_paths=settings.allow_local_paths,
            simulation=settings.simulation,
        )
        self._measuring = Rounds("space", self._holdings.measure)
        self._tidier = Rounds(
            "tidying", self._garbage.tidy, every_s=settings.tidy_every_h * 3600
        )
        self._subscription: Subscription | None = None
        self.app: FastAPI = create_web_app(
            "musewise storage gateway",
            verifier=verifier,
            ready=Readiness(
                database=database, broker=broker, blobs=blobs, verifier=verifier
            ),
        )
        add_routes(self.app, self._intake, self._holdings, copies)

    async def start(self) -> Self:
        """Tidy up, then hear and say. The schema must be current.

        Raises
        ------
        SchemaOutdated
            The migrations have not been run.
        """
        await require_current(self._database, PACKAGE)
        if self._settings.sweep_at_start:
            await self._garbage.sweep(utcnow())
        await self._garbage.collect()
        self._subscription = await subscribe(self._broker, self._holdings)
        await self._relay.start()
        await self._measuring.start()
        await self._tidier.start()
        return self

    async def stop(self) -> None:
        """Stop hearing and saying; what is unsaid waits for the next start."""
        await self._tidier.stop()
        await self._measuring.stop()
        if self._subscription is not None:
            await self._subscription.cancel()
            self._subscription = None
        await self._relay.stop()


def create_app(
    settings: StorageSettings,
    *,
    database: Database,
    broker: Broker,
    blobs: BlobStore,
    verifier: TokenVerifier,
) -> FastAPI:
    """Give the app alone, for its OpenAPI and for tests."""
    return Service(
        settings, database=database, broker=broker, blobs=blobs, verifier=verifier
    ).app


def standalone(settings: StorageSettings) -> Standalone:
    """Wire the gateway as a process of its own.

    Raises
    ------
    SettingMissing
    """
    database = Database(settings.need("database_url"), SCHEMA)
    broker = broker_of(settings.need("broker_url"))
    blobs = blobs_of(settings.need("blobs_url"))
    keys = RemoteKeys(settings.need("auth_url"))
    verifier = TokenVerifier(keys, issuer=settings.issuer, audience=settings.audience)
    service = Service(
        settings, database=database, broker=broker, blobs=blobs, verifier=verifier
    )
    return Standalone(
        service.app,
        service,
        database=database,
        package=PACKAGE,
        broker=broker,
        closing=[blobs.close],
    )
