"""What the site holds: records, bytes, room; dropping bytes nobody wants."""

from collections.abc import AsyncIterator
from uuid import UUID

from muse_storage.models import Space, StoredFile
from muse_storage.policy import FileEvicted, FileNotFound, access_of
from muse_storage.service.garbage import Garbage
from muse_storage.service.measuring import SITE_BYTES, TRANSFERRED
from muse_storage.service.silence import Silence
from muse_storage.store import InventoryStore
from musecore.blobs import BlobNotFound, BlobStore, BlobsUnavailable
from musecore.db import Database
from musecore.identity import Principal
from musecore.messages import FileUnwanted
from musecore.outbox import once
from musecore.times import utcnow

__all__ = ["Holdings"]


class Holdings:
    """The files of one site."""

    def __init__(
        self, database: Database, blobs: BlobStore, garbage: Garbage, *, site: str
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._garbage = garbage
        self._silence = Silence(site)

    async def file(self, caller: Principal, file_id: UUID) -> StoredFile:
        """Give the record of a file.

        Raises
        ------
        FileNotFound
            There is none, or the caller may not know of it.
        """
        async with self._database.begin() as tx:
            found = await InventoryStore(tx).file(file_id, access_of(caller))
        if found is None:
            raise FileNotFound(f"There is no file {file_id}.")
        return found

    async def readable(self, caller: Principal, file_id: UUID) -> StoredFile:
        """Give a file whose bytes can be read.

        Raises
        ------
        FileNotFound
        FileEvicted
            The bytes were dropped.
        FileAway
            The store does not answer, or misses them.
        """
        found = await self.file(caller, file_id)
        if found.state == "EVICTED":
            raise FileEvicted(
                f"The bytes of {found.filename} were dropped: {found.evict_reason}.",
                hint="A product can be made again with: musewise process; a raw file "
                "must be put again.",
            )
        await self._require_there(found)
        return found

    async def _require_there(self, file: StoredFile) -> None:
        try:
            await self._blobs.stat(file.object_key)
        except BlobsUnavailable as error:
            raise self._silence.silent(file) from error
        except BlobNotFound as error:
            self._silence.heard()
            raise self._silence.missing(file) from error
        self._silence.heard()
        self._silence.found(file)

    async def content(
        self, file: StoredFile, start: int, length: int
    ) -> AsyncIterator[bytes]:
        """Give `length` bytes of a file from `start`, in chunks."""
        async for chunk in self._blobs.read(file.object_key, start, length):
            TRANSFERRED.labels("out").inc(len(chunk))
            yield chunk

    async def space(self) -> Space:
        """Give the room in the site's store."""
        async with self._database.begin() as tx:
            used = await InventoryStore(tx).used_bytes()
        free = await self._blobs.free_space()
        return Space(free=free, total=None if free is None else free + used, used=used)

    async def measure(self) -> None:
        """Set the gauges of the room; of a store that cannot tell only what is used."""
        space = await self.space()
        SITE_BYTES.labels("used").set(space.used)
        if space.free is not None:
            SITE_BYTES.labels("free").set(space.free)

    async def on_unwanted(self, message_id: UUID, message: FileUnwanted) -> None:
        """Drop the bytes of a file and keep its record. May be heard twice.

        A file that is still on its way is not awaited any more.
        """
        async with self._database.begin() as tx:
            if not await once(tx, message_id):
                return
            store = InventoryStore(tx)
            open_key = await store.break_off(message.file_id)
            key = await store.evict(message.file_id, message.reason, utcnow())
            await store.add_garbage([one for one in (open_key, key) if one])
        await self._garbage.collect()
