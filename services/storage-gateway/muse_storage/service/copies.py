"""Copies that are damaged: looked at, written down, replaced where there is another."""

import hashlib

from muse_storage.models import BadCopy, CopyState, StoredFile
from muse_storage.service.holdings import Holdings
from muse_storage.store import InventoryStore
from musecore.blobs import BlobNotFound, BlobStore
from musecore.db import Database
from musecore.identity import ADMIN_SCOPE, Principal
from musecore.log import get_logger

__all__ = ["Copies"]

log = get_logger(__name__)


class Copies:
    """The copies of a site, as they are."""

    def __init__(
        self, database: Database, blobs: BlobStore, holdings: Holdings, *, site: str
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._holdings = holdings
        self._site = site

    async def look(self, caller: Principal, file: StoredFile, heard: str) -> CopyState:
        """Look at a copy of which a reader got other bytes. May be repeated.

        A damaged one is replaced by the bytes of another file of the same sha256,
        under its own key, so nobody has to learn another.

        Parameters
        ----------
        heard
            The sha256 of what the reader got.
        """
        found = await self._sha256(file)
        if found == file.sha256:
            log.warning("bytes damaged on their way", file=file.filename, heard=heard)
            return self._told("good", found, None)
        source = await self._good_copy(file)
        if source is not None:
            await self._blobs.put_stream(
                file.object_key, self._blobs.read(source.object_key)
            )
        async with self._database.begin() as tx:
            await InventoryStore(tx).add_bad_copy(
                file.file_id,
                found,
                caller.subject,
                None if source is None else source.file_id,
            )
        log.error(
            "damaged copy",
            file=file.filename,
            file_id=str(file.file_id),
            sha256=file.sha256,
            found=found,
            replaced=source is not None,
        )
        if source is None:
            return self._told("bad", found, None)
        return self._told("replaced", found, f"{source.project}/{source.filename}")

    def _told(self, state: str, found: str, source: str | None) -> CopyState:
        return CopyState.model_validate(
            {"site": self._site, "state": state, "sha256": found, "source": source}
        )

    async def _good_copy(self, file: StoredFile) -> StoredFile | None:
        async with self._database.begin() as tx:
            others = await InventoryStore(tx).same_bytes(file)
        for other in others:
            try:
                if await self._sha256(other) == file.sha256:
                    return other
            except BlobNotFound:
                continue
        return None

    async def _sha256(self, file: StoredFile) -> str:
        digest = hashlib.sha256()
        async for chunk in self._blobs.read(file.object_key):
            digest.update(chunk)
        return digest.hexdigest()

    async def damaged(self, caller: Principal, limit: int) -> list[BadCopy]:
        """Give the copies that were found damaged, the newest first.

        Raises
        ------
        ScopeMissing
            The caller is neither a service nor an administrator.
        """
        if not caller.is_service:
            caller.require_scope(ADMIN_SCOPE)
        async with self._database.begin() as tx:
            return await InventoryStore(tx).bad_copies(limit)
