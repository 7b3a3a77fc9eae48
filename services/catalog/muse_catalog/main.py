"""Wiring of the catalogue."""

from typing import Self

from fastapi import FastAPI

from muse_catalog.api import (
    file_routes,
    frame_routes,
    making_routes,
    summary_routes,
)
from muse_catalog.consumers import subscribe
from muse_catalog.service import Ingest, Lineage, Products, Queries, Rows, Validity
from muse_catalog.settings import CatalogSettings
from musecore.broker import Broker, Subscription
from musecore.db import Database, upgrade
from musecore.identity import TokenVerifier
from musecore.muse.schema import load
from musecore.outbox import Relay
from musecore.web import create_app as create_web_app

__all__ = ["SCHEMA", "Service", "create_app"]

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
            "musewise catalog", verifier=verifier, ready=database.ping
        )
        queries = Queries(database, model)
        for router in (
            frame_routes(queries, Validity(database)),
            making_routes(queries, Lineage(database)),
            summary_routes(queries),
            file_routes(queries, Rows(database, model)),
        ):
            self.app.include_router(router)

    async def start(self) -> Self:
        """Bring the schema up to date, then hear and say."""
        await upgrade(self._database, "muse_catalog")
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
