"""Wiring of the catalogue."""

from typing import Self

from fastapi import FastAPI

from muse_catalog.api import (
    file_routes,
    form_routes,
    frame_routes,
    making_routes,
    object_routes,
    stream_routes,
    summary_routes,
)
from muse_catalog.consumers import subscribe
from muse_catalog.service import (
    Ingest,
    Lineage,
    Objects,
    Products,
    Queries,
    Rows,
    Streams,
    Validity,
)
from muse_catalog.settings import CatalogSettings
from musecore.broker import Broker, Subscription
from musecore.db import Database, require_current
from musecore.identity import RemoteKeys, TokenVerifier
from musecore.muse.schema import load
from musecore.outbox import Relay
from musecore.serving import Readiness, Standalone, broker_of
from musecore.web import create_app as create_web_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "create_app", "standalone"]

PACKAGE = "muse_catalog"

SCHEMA = "catalog"
"""The PostgreSQL schema of this service."""


class Service:
    """The catalogue.

    Attributes
    ----------
    app
        The HTTP application; `start` must have run before it serves.
    """

    def __init__(
        self,
        settings: CatalogSettings,
        *,
        database: Database,
        broker: Broker,
        verifier: TokenVerifier,
    ) -> None:
        model = load(settings.muse_model)
        self._database = database
        self._broker = broker
        self._relay = Relay(database, broker)
        self._ingest = Ingest(database, model, simulation=settings.simulation)
        self._products = Products(database, model, simulation=settings.simulation)
        self._subscription: Subscription | None = None
        self.app: FastAPI = create_web_app(
            "musewise catalog",
            verifier=verifier,
            ready=Readiness(database=database, broker=broker, verifier=verifier),
        )
        queries = Queries(database, model)
        self._objects = objects = Objects(database, model)
        self._streams = Streams(objects)
        for router in (
            frame_routes(queries, Validity(database)),
            making_routes(queries, Lineage(database)),
            summary_routes(queries),
            object_routes(objects),
            form_routes(objects),
            stream_routes(self._streams),
            file_routes(queries, Rows(database, model)),
        ):
            self.app.include_router(router)

    async def start(self) -> Self:
        """Hear and say. The schema must be current.

        Raises
        ------
        SchemaOutdated
            The migrations have not been run.
        """
        await require_current(self._database, PACKAGE)
        self._subscription = await subscribe(self._broker, self._ingest, self._products)
        await self._relay.start()
        return self

    async def stop(self) -> None:
        """Stop hearing and saying; what is unsaid waits for the next start."""
        if self._subscription is not None:
            await self._subscription.cancel()
            self._subscription = None
        await self._relay.stop()


def create_app(
    settings: CatalogSettings,
    *,
    database: Database,
    broker: Broker,
    verifier: TokenVerifier,
) -> FastAPI:
    """Give the app alone, for its OpenAPI and for tests."""
    return Service(settings, database=database, broker=broker, verifier=verifier).app


def standalone(settings: CatalogSettings) -> Standalone:
    """Wire the catalogue as a process of its own.

    Raises
    ------
    SettingMissing
    """
    database = Database(settings.need("database_url"), SCHEMA)
    broker = broker_of(settings.need("broker_url"))
    keys = RemoteKeys(settings.need("auth_url"))
    verifier = TokenVerifier(keys, issuer=settings.issuer, audience=settings.audience)
    service = Service(settings, database=database, broker=broker, verifier=verifier)
    return Standalone(
        service.app, service, database=database, package=PACKAGE, broker=broker
    )
