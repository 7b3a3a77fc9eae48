"""Wiring of the catalogue."""

from pathlib import Path
from typing import Self

from fastapi import FastAPI

from muse_catalog.api import (
    answer_routes,
    file_routes,
    form_routes,
    frame_routes,
    lineage_routes,
    making_routes,
    object_routes,
    quality_routes,
    remark_routes,
    saved_routes,
    stream_routes,
    summary_routes,
)
from muse_catalog.consumers import subscribe
from muse_catalog.rules import QcDictionary, QualityLimits
from muse_catalog.service import (
    Ingest,
    Lineage,
    Objects,
    Products,
    Quality,
    Queries,
    Readers,
    Rows,
    Saved,
    Streams,
)
from muse_catalog.settings import CatalogSettings
from musecore.broker import Broker, Subscription
from musecore.db import Database, require_current
from musecore.identity import RemoteKeys, TokenVerifier
from musecore.muse.schema import load
from musecore.outbox import Relay
from musecore.serving import Readiness, Standalone, broker_of
from musecore.web import create_app as create_web_app

__all__ = ["PACKAGE", "SCHEMA", "Service", "create_app", "limits_of", "standalone"]

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
        limits = QualityLimits(QcDictionary(model), settings.quality_limits)
        self._products = Products(
            database, model, limits, simulation=settings.simulation
        )
        self._subscription: Subscription | None = None
        self.app: FastAPI = create_web_app(
            "musewise catalog",
            verifier=verifier,
            ready=Readiness(database=database, broker=broker, verifier=verifier),
        )
        queries = Queries(database, model)
        self._objects = objects = Objects(
            database, model, seconds=settings.query_seconds
        )
        self._streams = Streams(objects)
        self._readers = Readers(
            model,
            version=settings.muse_model,
            simulation=settings.simulation,
            processes=settings.readers,
        )
        rows = Rows(database, model, self._readers)
        lineage = Lineage(database)
        quality = Quality(database, limits)
        saved = Saved(database, objects)
        for router in (
            frame_routes(queries),
            quality_routes(quality),
            remark_routes(quality),
            saved_routes(saved),
            answer_routes(saved, objects),
            making_routes(queries, lineage),
            lineage_routes(lineage),
            summary_routes(queries),
            object_routes(objects),
            form_routes(objects),
            stream_routes(self._streams),
            file_routes(queries, rows),
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
        self._readers.close()


def create_app(
    settings: CatalogSettings,
    *,
    database: Database,
    broker: Broker,
    verifier: TokenVerifier,
) -> FastAPI:
    """Give the app alone, for its OpenAPI and for tests."""
    return Service(settings, database=database, broker=broker, verifier=verifier).app


def limits_of(config: Path | None, path: Path | None) -> QualityLimits:
    """Give the quality limits of a file, or those that the settings name.

    Raises
    ------
    LimitsInvalid, SettingInvalid
    """
    settings = CatalogSettings.load(config, secrets=[])
    dictionary = QcDictionary(load(settings.muse_model))
    return QualityLimits(dictionary, path or settings.quality_limits)


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
