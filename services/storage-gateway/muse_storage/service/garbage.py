"""Bytes that nobody wants, and what a crash left between bytes and commit."""

from datetime import datetime, timedelta

from muse_storage.service.measuring import TIDIED
from muse_storage.store import InventoryStore
from musecore.blobs import BlobStore
from musecore.db import Database
from musecore.log import get_logger
from musecore.times import utcnow

__all__ = ["Garbage"]

log = get_logger(__name__)

_AT_ONCE = 5000


class Garbage:
    """Keys to be removed from the store.

    They are noted in the transaction that makes them unwanted, and forgotten when
    their bytes are gone: a crash between the two is made good by the next `collect`.

    Parameters
    ----------
    upload_lifetime
        An upload that is open for longer is broken off.
    orphan_age
        An object that old, of which the inventory does not know, is removed.
    """

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        *,
        upload_lifetime: timedelta = timedelta(days=1),
        orphan_age: timedelta = timedelta(days=7),
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._upload_lifetime = upload_lifetime
        self._orphan_age = orphan_age

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

    async def sweep(self, before: datetime) -> int:
        """Break off the uploads that were opened before a moment; give their number."""
        async with self._database.begin() as tx:
            store = InventoryStore(tx)
            left = await store.open_uploads(before)
            for upload in left:
                await store.settle(upload.file_id, state="SWEPT")
            await store.add_garbage([upload.object_key for upload in left])
        await self.collect()
        if left:
            TIDIED.labels("upload").inc(len(left))
            log.info("uploads broken off", uploads=len(left), before=str(before))
        return len(left)

    async def orphans(self, before: datetime) -> list[str]:
        """Give the keys written before a moment that no file and no upload names."""
        keys = await self._blobs.keys_before(before, "objects/")
        found: list[str] = []
        for some in _parts(keys):
            async with self._database.begin() as tx:
                found += await InventoryStore(tx).unknown(some)
        return found

    async def tidy(self) -> None:
        """Remove what crashes left: uploads, orphans, unfinished writes.

        Of several gateways of a site each may do it.
        """
        now = utcnow()
        await self.sweep(now - self._upload_lifetime)
        orphans = await self.orphans(now - self._orphan_age)
        for key in orphans:
            log.warning("object that nobody names removed", key=key)
            await self._blobs.delete(key)
        TIDIED.labels("object").inc(len(orphans))
        await self._blobs.drop_unfinished(now - self._upload_lifetime)


def _parts(keys: list[str]) -> list[list[str]]:
    return [keys[i : i + _AT_ONCE] for i in range(0, len(keys), _AT_ONCE)]
