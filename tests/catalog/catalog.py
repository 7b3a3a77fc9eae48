"""A running catalogue with a real database and a local broker."""

import asyncio
import base64
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from muse_catalog.main import Service
from muse_catalog.settings import CatalogSettings
from musecore.broker import Delivery, LocalBroker, Message, Topology
from musecore.db import Database
from musecore.fits import ScannedFile, compress_headers, scan
from musecore.identity import Principal, SigningKey, TokenIssuer, TokenVerifier
from musecore.messages import (
    FileStored,
    FrameIngested,
    InputUsed,
    Payload,
    ProductMade,
    Resources,
    TaskFinished,
)
from musecore.outbox import envelope_of
from musecore.times import parse_date_obs, uuid7

_KEY = SigningKey.generate()
_NAMES = {"issuer": "musewise", "audience": "musewise"}

ANNA = Principal(subject="anna", name="Anna", projects={"local": 2})
BORIS = Principal(subject="boris", name="Boris", projects={"udf": 2})

STARTED = parse_date_obs("2026-01-01T00:00:00")


def scanned(content: bytes, tag: str = "") -> ScannedFile:
    """Scan a file in memory."""
    return scan(io.BytesIO(content), content=tag)


def packed(content: bytes) -> str:
    """Give the headers of a file as messages carry them."""
    return base64.b64encode(compress_headers(scanned(content).hdus)).decode()


def stored(content: bytes, filename: str, **changes: Any) -> FileStored:
    """Give the gateway's message about a file."""
    found = scanned(content)
    fields: dict[str, Any] = {
        "file_id": uuid7(),
        "kind": None,
        "filename": filename,
        "site": "local",
        "project": "local",
        "owner": "anna",
        "sha256": found.sha256,
        "content_key": found.content_key,
        "size": found.size,
        "headers": packed(content),
        **changes,
    }
    fields.setdefault("object_key", f"objects/{fields['file_id']}")
    return FileStored(**fields)


def product(
    content: bytes, filename: str, tag: str, ifu: int | None = None
) -> ProductMade:
    """Give the worker's record of a product."""
    found = scanned(content, tag)
    product_id = uuid7()
    file_id = uuid7()
    assert found.content_key is not None
    return ProductMade(
        product_id=product_id,
        file_id=file_id,
        tag=tag,
        ordinal=1,
        ifu=ifu,
        filename=filename,
        object_key=f"objects/{file_id}",
        sha256=found.sha256,
        content_key=found.content_key,
        size=found.size,
        headers=packed(content),
    )


def used(one: FileStored | ProductMade, tag: str, ifu: int | None = None) -> InputUsed:
    """Give the record of an input."""
    return InputUsed(
        tag=tag,
        file_id=one.file_id,
        ifu=ifu,
        filename=one.filename,
        sha256=one.sha256,
        content_key=one.content_key,
    )


def finished(
    recipe: str,
    inputs: list[InputUsed],
    products: list[ProductMade],
    ifu: int | None = None,
    **changes: Any,
) -> TaskFinished:
    """Give the worker's message about a finished task."""
    fields: dict[str, Any] = {
        "task_id": uuid7(),
        "attempt": 1,
        "worker": "w1",
        "key": hashlib.sha256(recipe.encode()).hexdigest(),
        "recipe": recipe,
        "ifu": ifu,
        "project": "local",
        "owner": "anna",
        "parameters": {"nifu": ifu, "crsigma": 15.0},
        "inputs": inputs,
        "products": products,
        "versions": {"pipeline": "muse/2.8.7", "cpl": "7.3.2"},
        "log_file_id": UUID(int=99),
        "started": STARTED,
        "ended": STARTED + timedelta(seconds=10),
        "resources": Resources(wall_s=10, cpu_s=15, max_rss_mb=900),
        **changes,
    }
    return TaskFinished(**fields)


class Catalog:
    """The catalogue, what it said, and ways to speak to it."""

    def __init__(
        self, database: Database, settings: CatalogSettings | None = None
    ) -> None:
        self.database = database
        self.broker = LocalBroker(Topology(unheard=["#"]))
        self.said: list[Payload] = []
        self.service = Service(
            settings or CatalogSettings(),
            database=database,
            broker=self.broker,
            verifier=TokenVerifier.of_key(_KEY, **_NAMES),
        )

    async def start(self) -> None:
        await self.broker.start()
        await self.broker.subscribe("heard", ["frame.#", "file.unwanted.v1"], self._on)
        await self.service.start()
        await self._relay_listens()

    async def _relay_listens(self) -> None:
        """Wait until the relay listens: it may not be stopped while it connects."""
        query = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        for _ in range(1000):
            async with self.database.begin() as tx:
                if (await tx.execute(query)).scalar():
                    return
            await asyncio.sleep(0.005)
        raise TimeoutError("The relay does not listen.")

    async def stop(self) -> None:
        await self.service.stop()
        await self.broker.close()

    async def _on(self, delivery: Delivery) -> None:
        self.said.append(delivery.payload)

    async def tell(self, *payloads: Payload, twice: bool = False) -> None:
        """Send messages to the catalogue and wait until it has dealt with them."""
        for payload in payloads:
            message = Message.of(envelope_of(payload))
            for _ in range(2 if twice else 1):
                await self.broker.publish(message)
        while await self.broker.depth("catalog"):
            await asyncio.sleep(0.002)
        assert await self.broker.dead_letters("catalog") == []

    async def put(self, content: bytes, filename: str, **changes: Any) -> FileStored:
        """Tell of a stored file; give the message."""
        message = stored(content, filename, **changes)
        await self.tell(message)
        return message

    async def heard(self) -> list[Payload]:
        """Give what the catalogue said up to now."""
        await self.service._relay.drain()
        while await self.broker.depth("heard") or await self.broker.depth("catalog"):
            await asyncio.sleep(0.002)
        return self.said

    async def ingested(self) -> list[FrameIngested]:
        return [one for one in await self.heard() if isinstance(one, FrameIngested)]

    def client(self, caller: Principal = ANNA) -> httpx.AsyncClient:
        token = TokenIssuer(_KEY, **_NAMES).issue(caller, timedelta(hours=1))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.service.app),
            base_url="http://catalog",
            headers={"Authorization": f"Bearer {token}"},
        )

    async def get(self, path: str, caller: Principal = ANNA, **params: Any) -> Any:
        """Give the JSON of a successful answer."""
        async with self.client(caller) as client:
            answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, caller: Principal = ANNA) -> Any:
        """Give the JSON of a successful answer."""
        async with self.client(caller) as client:
            answer = await client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(self, message: FileStored) -> dict[str, Any]:
        """Ask what became of a file."""
        body = {"file_ids": [str(message.file_id)]}
        [found] = await self.post("/files/status", body)
        return dict(found)


def shared_folder() -> Path | None:
    """Give the folder of real data that may lie beside the checkout."""
    for parent in Path(__file__).resolve().parents:
        found = parent / "shared" / "data" / "ic4406"
        if found.is_dir():
            return found
    return None
