"""Taking files in: open, receive, verify, commit."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from muse_storage.models import (
    EVERYTHING,
    Commit,
    Committed,
    FileFacts,
    NewUpload,
    OpenUpload,
    StoredFile,
    Upload,
)
from muse_storage.policy import (
    DELIVERED,
    ChecksumDiffers,
    PathNotAllowed,
    SizeDiffers,
    SourceUnreadable,
    UploadClosed,
    UploadIncomplete,
    UploadNotFound,
    kind_of,
    object_key,
    require_may_store,
    require_open,
)
from muse_storage.service.garbage import Garbage
from muse_storage.service.measuring import REFUSED, TRANSFERRED
from muse_storage.store import InventoryStore
from musecore.blobs import BlobNotFound, BlobStore, StorageFull
from musecore.db import Database, Transaction
from musecore.errors import MuseError, Refused, error_class
from musecore.fits import (
    Scanner,
    compress_headers,
    is_simulated,
    require_real,
    scan,
)
from musecore.identity import Principal
from musecore.messages import FileRefused, FileStored
from musecore.outbox import publish
from musecore.times import uuid7

__all__ = ["Intake"]


class Intake:
    """Takes files into the store of one site.

    Bytes come first, and the inventory row commits them.

    Parameters
    ----------
    site
        Name of the site, as messages carry it.
    allow_local_paths
        Take files by their path on this machine (embedded mode): they are linked
        into the store where the file system can, else copied.
    simulation
        Take files that say they are simulated.
    """

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        garbage: Garbage,
        *,
        site: str,
        allow_local_paths: bool,
        simulation: bool = False,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._garbage = garbage
        self._site = site
        self._allow_local_paths = allow_local_paths
        self._simulation = simulation

    async def open_upload(self, caller: Principal, request: NewUpload) -> OpenUpload:
        """Begin an upload; with `source_path`, take the bytes at once.

        A service account may repeat the request with the same `file_id`.

        Raises
        ------
        KindNotAllowed, ProjectNotWritable, PathNotAllowed, SourceUnreadable
        StorageFull
            The store has no room for `request.size` bytes.
        UploadClosed
            The id is taken by an upload that is at its end.
        """
        require_may_store(caller, request.project)
        kind = kind_of(caller, request)
        source = self._source(request)
        if source is None:
            await self._require_room(request)
        file_id = request.file_id or uuid7()
        values = {
            "file_id": file_id,
            "kind": kind,
            "filename": request.filename,
            "object_key": object_key(file_id),
            "project": request.project,
            "owner": caller.subject,
            "size": request.size,
            "sha256": request.sha256,
            "state": "OPEN",
        }
        async with self._database.begin() as tx:
            store = InventoryStore(tx)
            upload = await store.add_upload(values) or await store.upload(file_id)
        assert upload is not None
        require_open(upload)
        if source is not None:
            await self._take(upload, source)
        return OpenUpload(
            file_id=file_id,
            object_key=upload.object_key,
            upload="put" if source is None else "link",
            url=f"/uploads/{file_id}/content",
        )

    def _source(self, request: NewUpload) -> Path | None:
        if request.source_path is None:
            return None
        if not self._allow_local_paths:
            raise PathNotAllowed(
                "This gateway takes no files by their path.",
                hint="Leave out source_path and PUT the bytes.",
            )
        path = Path(request.source_path)
        if not path.is_absolute() or not path.is_file():
            raise SourceUnreadable(
                f"{path} is not the absolute path of a file on the server's machine.",
                hint="Give an absolute path, or leave out source_path and PUT the "
                "bytes.",
            )
        return path

    async def _require_room(self, request: NewUpload) -> None:
        free = await self._blobs.free_space()
        if free is not None and request.size > free:
            raise StorageFull(
                f"{request.filename} has {request.size} bytes; the site {self._site} "
                f"has room for {free}.",
                hint="Free some disk space, then send the file again.",
            )

    async def _take(self, upload: Upload, source: Path) -> None:
        try:
            await self._blobs.put_file(upload.object_key, source)
        except PermissionError as error:
            raise SourceUnreadable(
                f"The server may not read {source}.",
                hint="Leave out source_path and PUT the bytes.",
            ) from error

    async def receive(
        self, caller: Principal, file_id: UUID, chunks: AsyncIterator[bytes]
    ) -> int:
        """Store the bytes of an upload; give their number. May be repeated.

        Raises
        ------
        UploadNotFound, UploadClosed, UploadGone
        StorageFull
            Nothing of the file is kept.
        """
        upload = await self._upload(caller, file_id)
        require_open(upload)
        size = await self._blobs.put_stream(upload.object_key, chunks)
        TRANSFERRED.labels("in").inc(size)
        return size

    async def _upload(self, caller: Principal, file_id: UUID) -> Upload:
        async with self._database.begin() as tx:
            upload = await InventoryStore(tx).upload(file_id)
        if upload is None or not (caller.is_service or upload.owner == caller.subject):
            raise UploadNotFound(
                f"There is no upload {file_id} of yours.",
                hint="Open one with POST /uploads.",
            )
        return upload

    async def commit(
        self, caller: Principal, file_id: UUID, request: Commit
    ) -> Committed:
        """Verify the bytes and take them into the inventory.

        May be repeated: the answer stays the same. Bytes that the project has
        already are dropped again, and `Committed.duplicate_of` names their file.

        Raises
        ------
        NotFits, TruncatedFits, ChecksumDiffers, SizeDiffers, SimulatedRefused
            The file is refused and its bytes are removed.
        UploadNotFound, UploadIncomplete, UploadGone
        """
        upload = await self._upload(caller, file_id)
        if upload.state != "OPEN":
            return await self._answer_again(upload)
        try:
            facts = await self._facts(caller, upload, request)
            _require_announced(upload, request, facts)
        except Refused as refusal:
            await self._refuse(upload, refusal)
            raise
        async with self._database.begin() as tx:
            committed = await self._settle(tx, upload, facts)
        if committed.duplicate_of is not None:
            await self._garbage.collect()
        return committed

    async def _answer_again(self, upload: Upload) -> Committed:
        if upload.state == "REFUSED":
            refused = error_class(upload.refusal_code or "refused")
            raise refused(upload.refusal_detail or f"{upload.filename} was refused.")
        if upload.state == "SWEPT":
            require_open(upload)
        file_id = upload.duplicate_of or upload.file_id
        async with self._database.begin() as tx:
            file = await InventoryStore(tx).file(file_id, EVERYTHING)
        if file is None:
            raise UploadClosed(f"The file of upload {upload.file_id} is gone.")
        return _committed(file, upload.duplicate_of)

    async def _facts(
        self, caller: Principal, upload: Upload, request: Commit
    ) -> FileFacts:
        """Read the bytes once, or trust one of our own services that did."""
        try:
            size = await self._blobs.stat(upload.object_key)
        except BlobNotFound as error:
            raise UploadIncomplete(
                f"The upload of {upload.filename} has no bytes yet.",
                hint=f"PUT them to /uploads/{upload.file_id}/content first.",
            ) from error
        if upload.kind in DELIVERED:
            return await self._scan(upload)  # the catalogue needs their headers
        if caller.is_service and request.sha256 and request.content_key:
            return FileFacts(
                sha256=request.sha256,
                content_key=request.content_key,
                size=size,
                headers="",
            )
        if upload.kind == "log":
            return await self._hash(upload)
        return await self._scan(upload)

    async def _hash(self, upload: Upload) -> FileFacts:
        """Read a file that need not be FITS; its content key is its sha256."""
        digest, size = hashlib.sha256(), 0
        async for chunk in self._blobs.read(upload.object_key):
            digest.update(chunk)
            size += len(chunk)
        sha256 = digest.hexdigest()
        return FileFacts(sha256=sha256, content_key=sha256, size=size, headers="")

    async def _scan(self, upload: Upload) -> FileFacts:
        path = self._blobs.local_path(upload.object_key)
        if path is not None:
            scanned = await asyncio.to_thread(
                scan, path, content="", name=upload.filename, check_sums=True
            )
        else:
            scanner = Scanner(content="", name=upload.filename, check_sums=True)
            async for chunk in self._blobs.read(upload.object_key):
                await asyncio.to_thread(scanner.feed, chunk)
            scanned = scanner.finish()
        simulated = is_simulated(scanned.hdus[0].header)
        require_real(upload.filename, simulated=simulated, allowed=self._simulation)
        packed = await asyncio.to_thread(compress_headers, scanned.hdus)
        assert scanned.content_key is not None
        return FileFacts(
            sha256=scanned.sha256,
            content_key=scanned.content_key,
            size=scanned.size,
            headers=base64.b64encode(packed).decode(),
            wrong_sums=scanned.wrong_sums,
        )

    async def _refuse(self, upload: Upload, refusal: MuseError) -> None:
        async with self._database.begin() as tx:
            store = InventoryStore(tx)
            await store.settle(
                upload.file_id,
                state="REFUSED",
                refusal_code=refusal.code,
                refusal_detail=str(refusal),
            )
            await store.add_garbage([upload.object_key])
            message = FileRefused(
                file_id=upload.file_id,
                filename=upload.filename,
                project=upload.project,
                owner=upload.owner,
                sha256=upload.sha256,
                size=upload.size,
                code=refusal.code,
                detail=str(refusal),
            )
            await publish(tx, message)
        REFUSED.labels(refusal.code).inc()
        await self._garbage.collect()

    async def _settle(
        self, tx: Transaction, upload: Upload, facts: FileFacts
    ) -> Committed:
        store = InventoryStore(tx)
        locked = await store.upload(upload.file_id, lock=True)
        assert locked is not None
        if locked.state != "OPEN":  # another commit of the same upload was faster
            return await self._answer_again(locked)
        known = None
        if upload.kind in DELIVERED:
            await store.lock_content(upload.project, facts.sha256)
            known = await store.delivered(upload.project, facts.sha256)
        if known is None:
            file = await store.add_file(upload, facts)
            await store.settle(upload.file_id, state="COMMITTED")
            await self._say_stored(tx, file, facts)
            return _committed(file, None)
        await store.settle(
            upload.file_id, state="DUPLICATE", duplicate_of=known.file_id
        )
        if known.state == "STORED":
            await store.add_garbage([upload.object_key])
        else:
            known = await store.revive(known.file_id, upload.object_key)
            await self._say_stored(tx, known, facts)
        return _committed(known, known.file_id)

    async def _say_stored(
        self, tx: Transaction, file: StoredFile, facts: FileFacts
    ) -> None:
        """Tell of what people put; products and logs are told by task.finished."""
        if file.kind in DELIVERED:
            message = FileStored(
                file_id=file.file_id,
                kind=file.kind,
                filename=file.filename,
                object_key=file.object_key,
                site=self._site,
                project=file.project,
                owner=file.owner,
                sha256=facts.sha256,
                content_key=facts.content_key,
                size=facts.size,
                headers=facts.headers,
                wrong_sums=list(facts.wrong_sums),
            )
            await publish(tx, message)


def _committed(file: StoredFile, duplicate_of: UUID | None) -> Committed:
    return Committed(
        file_id=file.file_id,
        sha256=file.sha256,
        content_key=file.content_key,
        size=file.size,
        duplicate_of=duplicate_of,
    )


def _require_announced(upload: Upload, request: Commit, facts: FileFacts) -> None:
    size = upload.size if request.size is None else request.size
    if facts.size != size:
        raise SizeDiffers(
            f"{upload.filename} was announced with {size} bytes and has {facts.size}.",
            hint="Send the whole file again.",
        )
    for sha256 in (upload.sha256, request.sha256):
        if sha256 is not None and sha256 != facts.sha256:
            raise ChecksumDiffers(
                f"{upload.filename} was announced with sha256 {sha256} and has "
                f"{facts.sha256}.",
                hint="Send the file again.",
            )
