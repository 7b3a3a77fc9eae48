"""All services in one process tree: wired, started in order, stopped in reverse."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import httpx
import uvicorn
from fastapi import FastAPI
from rich.console import Console

from muse_auth.main import Service as Auth
from muse_auth.settings import AuthSettings
from muse_catalog.main import Service as Catalog
from muse_catalog.settings import CatalogSettings
from muse_embedded.backups import take_backup
from muse_embedded.services import OWNERS, Owner
from muse_embedded.settings import EmbeddedSettings
from muse_embedded.tokens import OwnToken, TokenFile
from muse_portal.main import Service as Portal
from muse_scheduler.main import Service as Scheduler
from muse_scheduler.service import Space
from muse_scheduler.settings import SchedulerSettings
from muse_storage.main import Service as Storage
from muse_storage.settings import StorageSettings
from muse_worker.main import Service as Worker
from muse_worker.main import engine_of
from muse_worker.providers import SchedulerClient, StorageClient
from muse_worker.settings import WorkerSettings
from musecore.blobs import DirectoryStore
from musecore.broker import LocalBroker, fleet_topology
from musecore.db import Database, EmbeddedPostgres, revisions, upgrade
from musecore.log import get_logger
from musecore.muse.pools import load_pools
from musecore.serving import Server, listen, stop_asked, url_of, write_private
from musecore.times import utcnow
from musecore.web import compose

__all__ = ["bring_up_to_date", "serve"]

log = get_logger(__name__)

ROBOT = "musewise-services"
WORKER = "embedded"
OLD_QUEUES = ("worker",)
"""Queues of older versions: nobody listens there, and they would grow for ever."""


class _Startable(Protocol):
    async def start(self) -> object: ...

    async def stop(self) -> None: ...


class House:
    """The services of one folder, and the mechanisms under them."""

    def __init__(self, settings: EmbeddedSettings, postgres: EmbeddedPostgres) -> None:
        self.settings = settings
        self.url = postgres.url()
        self.broker = LocalBroker(fleet_topology(), journal=settings.dir / "broker")
        self.blobs = DirectoryStore(settings.objects, reserve=settings.reserve_bytes)
        self.databases: list[Database] = []

    def database(self, schema: str) -> Database:
        """Give the database of one service."""
        database = Database(self.url, schema)
        self.databases.append(database)
        return database

    async def auth(self) -> Auth:
        """Make the auth service, its first account and its project."""
        key = self.settings.dir / "keys" / "signing.pem"
        database = self.database("auth")
        auth = Auth(
            AuthSettings(signing_key_path=key, make_signing_key=True),
            database=database,
        )
        await auth.service.bootstrap(self.settings.person, self.settings.project)
        return auth

    def storage(self, auth: Auth) -> Storage:
        """Make the storage gateway."""
        return Storage(
            StorageSettings(allow_local_paths=True, sweep_at_start=True),
            database=self.database("storage"),
            broker=self.broker,
            blobs=self.blobs,
            verifier=auth.verifier,
        )

    def catalog(self, auth: Auth) -> Catalog:
        """Make the catalog."""
        return Catalog(
            CatalogSettings(),
            database=self.database("catalog"),
            broker=self.broker,
            verifier=auth.verifier,
        )

    async def scheduler(self, auth: Auth) -> Scheduler:
        """Make the scheduler; keys of tasks contain the versions of the pipeline."""
        settings = self.settings
        pipeline = await engine_of(self._worker_settings()).versions()
        database = self.database("scheduler")
        return Scheduler(
            SchedulerSettings(
                slots=settings.slots,
                lease_s=settings.lease_s,
                min_free_bytes=settings.keep_free_bytes,
                pipeline_version=pipeline["pipeline"],
                cpl_version=pipeline["cpl"],
            ),
            database=database,
            broker=self.broker,
            verifier=auth.verifier,
            space=self.space,
        )

    def worker(self, app: FastAPI, token: OwnToken) -> Worker:
        """Make the worker; it calls the other services inside this process."""
        transport = httpx.ASGITransport(app)

        def client(prefix: str) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                transport=transport,
                base_url=f"http://musewise{prefix}",
                auth=token,
                timeout=60.0,
            )

        return Worker(
            self._worker_settings(),
            broker=self.broker,
            blobs=self.blobs,
            scheduler=SchedulerClient(client("/scheduler")),
            storage=StorageClient(client("/storage")),
        )

    async def space(self) -> Space:
        """Say how much room the store has, in bytes."""
        usage = await self.blobs.free_space() or 0
        return Space(free=usage, total=usage, used=0)

    def _worker_settings(self) -> WorkerSettings:
        return WorkerSettings(
            name=WORKER,
            slots=self.settings.slots,
            work_dir=self.settings.dir / "work",
            esorex=self.settings.esorex,
            pools=list(load_pools().names),
        )


@asynccontextmanager
async def _opened(url: str, schema: str) -> AsyncIterator[Database]:
    database = Database(url, schema, pool_size=1)
    try:
        yield database
    finally:
        await database.close()


async def bring_up_to_date(url: str, backups: Path) -> None:
    """Bring every schema to its newest revision; old ones are backed up before."""
    old = await _stale(url)
    if old:
        folder = backups / f"before-upgrade-{utcnow():%Y%m%dT%H%M%S}"
        await take_backup(url, folder, None, owners=old)
        log.info("backed up before the upgrade", folder=str(folder))
    for owner in OWNERS:
        async with _opened(url, owner.schema) as database:
            await upgrade(database, owner.package)


async def _stale(url: str) -> list[Owner]:
    """Give the services whose schema is there and old."""
    found = []
    for owner in OWNERS:
        async with _opened(url, owner.schema) as database:
            have, want = await revisions(database, owner.package)
        if have is not None and have != want:
            found.append(owner)
    return found


async def _start(stack: AsyncExitStack, part: _Startable) -> None:
    """Start a part; it is stopped with the stack, in reverse order."""
    await part.start()
    stack.push_async_callback(part.stop)


def _whole(auth: Auth, services: dict[str, FastAPI]) -> FastAPI:
    portal = Portal({name: f"/{name}" for name in services})
    prefixed = {f"/{name}": app for name, app in services.items()}
    return compose("musewise", {**prefixed, "/": portal.app}, verifier=auth.verifier)


def _retire_old_queues(journal: Path) -> None:
    """Remove queues of older versions.

    Of a requested task nothing is lost: at its start the scheduler asks again for
    every task that stands in a queue.
    """
    for queue in OLD_QUEUES:
        if (journal / queue).is_dir():
            shutil.rmtree(journal / queue)
            log.info("queue of an older version removed", queue=queue)


async def _start_house(stack: AsyncExitStack, house: House) -> FastAPI:
    await asyncio.to_thread(_retire_old_queues, house.settings.dir / "broker")
    await house.broker.start()
    stack.push_async_callback(house.broker.close)
    await bring_up_to_date(house.url, house.settings.dir / "backups")
    auth = await house.auth()
    storage, catalog = house.storage(auth), house.catalog(auth)
    scheduler = await house.scheduler(auth)
    app = _whole(
        auth,
        {
            "catalog": catalog.app,
            "scheduler": scheduler.app,
            "storage": storage.app,
            "auth": auth.app,
        },
    )
    for part in (storage, catalog, scheduler):
        await _start(stack, part)
    await scheduler.recover([WORKER])
    await _start(stack, house.worker(app, OwnToken(auth.service, ROBOT)))
    token = TokenFile(auth.service, house.settings.person, house.settings.dir / "token")
    await _start(stack, token)
    return app


def _write_card(settings: EmbeddedSettings, url: str) -> None:
    card = {
        "url": url,
        "token_file": "token",
        "local": True,
        "project": settings.project,
    }
    write_private(settings.server_card, json.dumps(card, indent=1) + "\n")


async def serve(settings: EmbeddedSettings, console: Console) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises
    ------
    MuseError
        PostgreSQL does not start, the folder is in use, the pipeline is missing.
    """
    settings.dir.mkdir(parents=True, exist_ok=True)
    listener = listen(settings.host, settings.port)
    url = url_of(listener)
    postgres = EmbeddedPostgres(settings.dir / "pg", fsync=settings.fsync)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(postgres.start)
        stack.push_async_callback(asyncio.to_thread, postgres.stop)
        house = House(settings, postgres)
        app = await _start_house(stack, house)
        for database in house.databases:
            stack.push_async_callback(database.close)
        server = Server(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
            )
        )
        _write_card(settings, url)
        stack.callback(settings.server_card.unlink, missing_ok=True)
        console.print(f"musewise serves {settings.dir} at {url}", highlight=False)
        console.print("API pages there; Ctrl-C ends.", highlight=False)
        await _serve_until_asked(server, listener)


async def _serve_until_asked(server: Server, listener: socket.socket) -> None:
    async with stop_asked() as asked:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        waiting = asyncio.create_task(asked.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        server.should_exit = True
        await serving
