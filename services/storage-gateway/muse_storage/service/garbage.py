"""Bytes that nobody wants, and what a crash left between bytes and commit."""

from muse_storage.store import InventoryStore
from musecore.blobs import BlobStore
from musecore.db import Database
from musecore.log import get_logger

__all__ = ["Garbage"]

log = get_logger(__name__)


class Garbage:
    """Keys to be removed from the store.

    They are noted in the transaction that makes them unwanted, and forgotten when
    their bytes are gone: a crash between the two is made good by the next `collect`.
    """

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    async def collect(self) -> int:
        """Remove bytes that nobody wants; give the number of keys."""
        async with self._database.begin() as tx:
            keys = await InventoryStore(tx).garbage()
        for key in keys:
            await self._blobs.delete(key)
        if keys:
            async with self._database.begin() as tx:
                await InventoryStore(tx).forget_garbage(keys)
        return len(keys)

    async def sweep(self) -> int:
        """Break off the uploads that an earlier process left open; give their number.

        To be called before the first request of a site is served.
        """
        async with self._database.begin() as tx:
            store = InventoryStore(tx)
            left = await store.open_uploads()
            for upload in left:
                await store.settle(upload.file_id, state="SWEPT")
            await store.add_garbage([upload.object_key for upload in left])
        await self.collect()
        if left:
            log.info("uploads of an earlier run removed", uploads=len(left))
        return len(left)
