"""A storage gateway with a real database, a local broker and a folder of blobs."""

import asyncio
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from astropy.io import fits

from muse_storage.main import Service
from muse_storage.settings import StorageSettings
from musecore.blobs import DirectoryStore
from musecore.broker import Delivery, LocalBroker, Topology
from musecore.db import Database
from musecore.identity import Principal, SigningKey, TokenIssuer, TokenVerifier
from musecore.messages import Payload

_KEY = SigningKey.generate()
_NAMES = {"issuer": "musewise", "audience": "musewise"}

ANNA = Principal(subject="anna", name="Anna", projects={"local": 2})
BORIS = Principal(subject="boris", name="Boris", projects={"udf": 2})
WORKER = Principal(subject="worker", name="worker", scopes=frozenset({"service"}))


def make_fits(
    value: float = 1.0, *, simulated: bool = False, checksum: bool = False
) -> bytes:
    """Make a small FITS file with one extension."""
    primary = fits.PrimaryHDU()
    if simulated:
        primary.header["HIERARCH MUSEWISE SIMULATED"] = True
    image = fits.ImageHDU(np.full((4, 5), value, dtype="f4"), name="CHAN01")
    buffer = io.BytesIO()
    fits.HDUList([primary, image]).writeto(buffer, checksum=checksum)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    """Give the hexadecimal sha256."""
    return hashlib.sha256(content).hexdigest()


async def listening(database: Database) -> None:
    """Wait until the relay listens: it may not be stopped while it connects."""
    query = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    for _ in range(1000):
        async with database.begin() as tx:
            if (await tx.execute(query)).scalar():
                return
        await asyncio.sleep(0.005)
    raise TimeoutError("The relay does not listen.")


class Gateway:
    """A running gateway, and what it said."""

    def __init__(self, database: Database, root: Path, **settings: Any) -> None:
        self.database = database
        self.root = root
        self.blobs = DirectoryStore(root / "objects")
        self.broker = LocalBroker(Topology(unheard=["#"]))
        self.said: list[Payload] = []
        self._settings = StorageSettings(**settings)
        self.service = self._made()

    def _made(self) -> Service:
        return Service(
            self._settings,
            database=self.database,
            broker=self.broker,
            blobs=self.blobs,
            verifier=TokenVerifier.of_key(_KEY, **_NAMES),
        )

    async def start(self) -> None:
        await self.broker.start()
        await self.broker.subscribe("heard", ["file.#"], self._hear)
        await self.service.start()
        await listening(self.database)

    async def restart(self, **settings: Any) -> None:
        """Stop without a word and start again, as after a crash."""
        await self.service.stop()
        self._settings = StorageSettings(**settings)
        self.service = self._made()
        await self.service.start()
        await listening(self.database)

    async def stop(self) -> None:
        await self.service.stop()
        await self.broker.close()

    async def _hear(self, delivery: Delivery) -> None:
        self.said.append(delivery.payload)

    def client(self, caller: Principal = ANNA) -> httpx.AsyncClient:
        token = TokenIssuer(_KEY, **_NAMES).issue(caller, timedelta(hours=1))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.app),
            base_url="http://storage",
            headers={"Authorization": f"Bearer {token}"},
        )

    async def put(
        self,
        content: bytes,
        filename: str = "a.fits",
        caller: Principal = ANNA,
        **fields: Any,
    ) -> httpx.Response:
        """Upload and commit; give the answer to the commit."""
        async with self.client(caller) as client:
            body = {
                "filename": filename,
                "size": len(content),
                "project": "local",
                **fields,
            }
            opened = await client.post("/uploads", json=body)
            assert opened.status_code == 201, opened.text
            file_id = opened.json()["file_id"]
            sent = await client.put(opened.json()["url"], content=content)
            assert sent.status_code == 204, sent.text
            return await client.post(f"/uploads/{file_id}/commit")

    async def heard(self) -> list[Payload]:
        """Give what the gateway said up to now."""
        await self.service._relay.drain()
        while await self.broker.depth("heard"):
            await asyncio.sleep(0.005)
        return self.said

    async def objects(self) -> list[str]:
        return await self.blobs.keys()
