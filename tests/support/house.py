"""Auth, catalogue and storage gateway behind one socket, in a thread of their own.

For clients as people use them: nothing is in place of HTTP, PostgreSQL or the store.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from starlette.types import ASGIApp

from muse_auth.main import Service as Auth
from muse_auth.models import Account, Member
from muse_auth.settings import AuthSettings
from muse_auth.store import AuthStore
from muse_catalog.main import Service as Catalog
from muse_catalog.settings import CatalogSettings
from muse_storage.main import Service as Storage
from muse_storage.settings import StorageSettings
from musecore.blobs import DirectoryStore
from musecore.broker import LocalBroker, Message, fleet_topology
from musecore.db import Database
from musecore.messages import Payload
from musecore.outbox import envelope_of
from musecore.testing import TemplateDatabases
from musecore.web import compose
from musewise.session import Session
from musewise.settings import Server
from musewise.uploads import Upload, Uploader
from tests.support.serving import served

SERVICES = (
    ("auth", "muse_auth"),
    ("catalog", "muse_catalog"),
    ("storage", "muse_storage"),
)


class House:
    """A running server, its parts, and ways to speak to it from a test."""

    def __init__(self, databases: TemplateDatabases, folder: Path) -> None:
        self._databases = databases
        self.folder = folder
        self.blobs = folder / "objects"
        self._ready: Future[None] = Future()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(timeout=60)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with self._databases.url(*SERVICES) as url:
            names = [schema for schema, _ in SERVICES]
            self.database = {name: Database(url, name, pool_size=3) for name in names}
            try:
                await self._with(self.database)
            finally:
                for one in self.database.values():
                    await one.close()

    async def _with(self, database: dict[str, Database]) -> None:
        key = self.folder / "key.pem"
        settings = AuthSettings(signing_key_path=key, make_signing_key=True)
        self.auth = Auth(settings, database=database["auth"])
        self.broker = LocalBroker(fleet_topology())
        await self.broker.start()
        mechanisms = {"broker": self.broker, "verifier": self.auth.verifier}
        self.catalog = Catalog(
            CatalogSettings(), database=database["catalog"], **mechanisms
        )
        self.storage = Storage(
            StorageSettings(allow_local_paths=True),
            database=database["storage"],
            blobs=DirectoryStore(self.blobs),
            **mechanisms,
        )
        parts = {"/auth": self.auth, "/catalog": self.catalog, "/storage": self.storage}
        app: ASGIApp = compose(
            "musewise", {name: one.app for name, one in parts.items()}
        )
        for part in parts.values():
            await part.start()
        await self.auth.service.bootstrap("anna", "local")
        async with served(app) as self.url:
            self._ready.set_result(None)
            await self._end.wait()
        for part in reversed(parts.values()):
            await part.stop()
        await self.broker.close()

    # -- from the test
    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    def person(self, name: str, **projects: int) -> Session:
        """Give a session of an account with these levels; both are made if need be."""
        return Session(Server(url=self.url, token=self.do(self._token(name, projects))))

    async def _token(self, name: str, projects: dict[str, int]) -> str:
        from muse_auth.models import Project

        async with self.database["auth"].begin() as tx:
            store = AuthStore(tx)
            person = Account(
                subject=name, name=name.title(), kind="person", scopes=["user"]
            )
            await store.put_account(person, None)
            for project, level in projects.items():
                await store.add_project(Project(name=project, doc=""))
                await store.put_member(
                    Member(project=project, subject=name, level=level)
                )
        return (await self.auth.service.token_of(name)).access_token

    def put(
        self, muse: Session, folder: Path, project: str = "local", **files: bytes
    ) -> list[Upload]:
        """Put files in, and wait until the catalogue knows them."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for name, content in files.items():
            path = folder / f"{name}.fits"
            path.write_bytes(content)
            paths.append(path)
        uploader = Uploader(muse.connection, project=project, link=False)
        uploads = list(uploader.put(paths))
        body = {"file_ids": [one.file_id for one in uploads]}
        for _ in range(500):
            told = muse.connection.post("/catalog/files/status", body)
            if all(one["state"] == "registered" for one in told):
                return uploads
            time.sleep(0.02)
        raise TimeoutError(f"The catalogue knows only {told}.")

    def tell(self, payload: Payload) -> None:
        """Let the catalogue hear a message."""
        self.do(self._tell(payload))

    async def _tell(self, payload: Payload) -> None:
        await self.broker.publish(Message.of(envelope_of(payload)))
        while await self.broker.depth("catalog"):
            await asyncio.sleep(0.005)
