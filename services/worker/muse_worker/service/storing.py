"""Put what a task made into the site's store, and tell the storage gateway."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from muse_worker.engine.verify import VerifiedProduct
from muse_worker.models import ClaimedTask
from muse_worker.providers import StorageClient
from muse_worker.service.cache import NodeCache
from muse_worker.service.notes import Notes
from muse_worker.service.patience import patiently
from musecore.blobs import BlobStore
from musecore.fits import compress_headers
from musecore.messages import Kind, ProductMade, TaskFinished
from musecore.times import uuid7

__all__ = ["SiteStore"]


@dataclass(frozen=True)
class SiteStore:
    """The blob store of this site, and the gateway that keeps its inventory.

    The bytes are renamed into the store, never copied, where both are on one file
    system; the gateway trusts the sums of a service account.

    Attributes
    ----------
    cache
        What this machine keeps of a store that is elsewhere.
    patience_s
        How long a store that is away is waited for, in seconds.
    """

    blobs: BlobStore
    gateway: StorageClient
    cache: NodeCache | None = None
    patience_s: float = 30.0

    async def get(self, object_key: str, place: Path) -> None:
        """Bring a file of the store to `place`.

        Raises
        ------
        BlobNotFound, Unavailable, StorageFull
        """
        await patiently(self.patience_s)(self.blobs.get_file, object_key, place)

    async def products(
        self, task: ClaimedTask, products: Sequence[VerifiedProduct], notes: Notes
    ) -> list[ProductMade]:
        """Store all products at once; on an error none counts."""
        return await asyncio.gather(*(self._product(task, p, notes) for p in products))

    async def log(self, task: ClaimedTask, path: Path, notes: Notes) -> UUID:
        """Store a recipe's log; give its file id."""
        content = await asyncio.to_thread(path.read_bytes)
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"{task.slug}-{str(task.task_id)[-12:]}-a{task.attempt}.log"
        file_id, _ = await self._file(
            task, path, name, kind="log", sums=(sha256, sha256), notes=notes
        )
        return file_id

    async def manifest(self, finished: TaskFinished) -> None:
        """Write down what was made: the last step, and the worker's memory."""
        key = f"manifests/{finished.task_id}/{finished.attempt}.json"
        content = finished.model_dump_json().encode()

        async def put() -> None:
            await self.blobs.put_stream(key, _once(content))

        await patiently(self.patience_s)(put)

    async def _product(
        self, task: ClaimedTask, product: VerifiedProduct, notes: Notes
    ) -> ProductMade:
        scanned = product.scanned
        content_key = scanned.content_key or scanned.sha256
        packed = await asyncio.to_thread(compress_headers, scanned.hdus)
        if self.cache is not None:
            await self.cache.add(scanned.sha256, product.path)
        file_id, object_key = await self._file(
            task,
            product.path,
            product.path.name,
            kind="product",
            sums=(scanned.sha256, content_key),
            notes=notes,
        )
        return ProductMade(
            product_id=uuid7(),
            file_id=file_id,
            tag=product.tag,
            ordinal=product.ordinal,
            ifu=product.ifu,
            filename=product.path.name,
            object_key=object_key,
            sha256=scanned.sha256,
            content_key=content_key,
            size=scanned.size,
            headers=base64.b64encode(packed).decode(),
        )

    async def _file(
        self,
        task: ClaimedTask,
        path: Path,
        name: str,
        *,
        kind: Kind,
        sums: tuple[str, str],
        notes: Notes,
    ) -> tuple[UUID, str]:
        """Note down, announce, move, commit; `sums` are sha256 and content key."""
        size = (await asyncio.to_thread(path.stat)).st_size
        file_id = uuid7()
        await asyncio.to_thread(notes.add, file_id)
        upload = await self.gateway.announce(
            file_id, name, size=size, kind=kind, project=task.project
        )
        await patiently(self.patience_s)(
            self.blobs.put_file, upload.object_key, path, move=True
        )
        sha256, content_key = sums
        await self.gateway.commit(
            upload.file_id, sha256=sha256, content_key=content_key, size=size
        )
        return upload.file_id, upload.object_key


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
