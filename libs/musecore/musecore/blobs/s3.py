"""Blobs in one bucket of an S3 server.

Only what OpenStack Swift and Ceph's RADOS gateway both have is used: no tags, no
policies, no versions, no checksums of the server's.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from minio.datatypes import ListMultipartUploadsResult
from minio.error import S3Error
from typing_extensions import override
from urllib3 import BaseHTTPResponse

from musecore.blobs.contract import (
    CHUNK,
    BlobNotFound,
    BlobStore,
    checked_key,
)
from musecore.blobs.room import room_or_error
from musecore.blobs.s3_link import RangeOutside, S3Link, S3Place
from musecore.blobs.s3_upload import upload_file, upload_stream

__all__ = ["S3Store"]


class S3Store(BlobStore):
    """A `BlobStore` in a bucket.

    Calls run in a bounded pool of threads and are repeated for ``patience_s`` seconds
    while the server refuses or is away; a read goes on where it broke off.

    Parameters
    ----------
    place
        See `S3Place.of`.
    """

    def __init__(self, place: S3Place) -> None:
        self._link = S3Link(place)

    @override
    async def put_file(
        self, key: str, path: Path, *, move: bool = False, link: bool = True
    ) -> int:
        size = await upload_file(self._link, checked_key(key), path)
        if move:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return size

    @override
    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        return await upload_stream(self._link, checked_key(key), chunks)

    @override
    async def read(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        if length == 0:
            await self.stat(key)
            return
        reading = _Reading(self._link, checked_key(key), start, length)
        try:
            while chunk := await reading.next():
                yield chunk
        finally:
            reading.close()

    @override
    async def get_range(self, key: str, start: int, length: int) -> bytes:
        return b"".join([chunk async for chunk in self.read(key, start, length)])

    @override
    async def get_file(self, key: str, dest: Path, *, link: bool = True) -> None:
        await asyncio.to_thread(dest.parent.mkdir, parents=True, exist_ok=True)
        part = dest.with_name(f".{dest.name}.{uuid4().hex}")
        try:
            with room_or_error(part, f"Cannot write {dest}"):
                await self._write(key, part)
                await asyncio.to_thread(part.replace, dest)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _write(self, key: str, part: Path) -> None:
        chunks = self.read(key)
        first = await anext(chunks, b"")  # nothing is made for a key that is not there
        with await asyncio.to_thread(part.open, "wb") as file:
            await asyncio.to_thread(file.write, first)
            async for chunk in chunks:
                await asyncio.to_thread(file.write, chunk)

    @override
    def local_path(self, key: str) -> Path | None:
        checked_key(key)
        return None

    @override
    async def stat(self, key: str) -> int:
        link = self._link
        look = partial(link.client.stat_object, link.bucket, checked_key(key))
        try:
            found = await link.call(f"look at {key!r}", look)
        except BlobNotFound as error:
            raise _nothing(link, key) from error
        return found.size or 0

    @override
    async def exists(self, key: str) -> bool:
        try:
            await self.stat(key)
        except BlobNotFound:
            return False
        return True

    @override
    async def delete(self, key: str) -> None:
        link = self._link
        checked_key(key)

        def remove() -> None:
            try:
                link.client.remove_object(link.bucket, key)
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise

        await link.call(f"remove {key!r}", remove)

    @override
    async def keys(self, prefix: str = "") -> list[str]:
        return await self._list(prefix, None)

    @override
    async def keys_before(self, moment: datetime, prefix: str = "") -> list[str]:
        return await self._list(prefix, moment)

    async def _list(self, prefix: str, moment: datetime | None) -> list[str]:
        link = self._link

        def found() -> list[str]:
            entries = link.client.list_objects(link.bucket, prefix, recursive=True)
            return sorted(
                entry.object_name
                for entry in entries
                if entry.object_name is not None
                and (moment is None or _before(entry.last_modified, moment))
            )

        return await link.call(f"list {prefix!r}", found)

    @override
    async def drop_unfinished(self, before: datetime) -> int:
        link = self._link

        def drop() -> int:
            client = link.client
            # not _list_multipart_uploads: Swift finds nothing with the options it adds
            answer = client._execute("GET", link.bucket, query_params={"uploads": ""})
            listed = ListMultipartUploadsResult(answer)
            old = [one for one in listed.uploads if _before(one.initiated_time, before)]
            for one in old:
                client._abort_multipart_upload(
                    link.bucket, one.object_name, str(one.upload_id)
                )
            return len(old)

        return await link.call("remove unfinished writes", drop)

    @override
    async def free_space(self) -> int | None:
        return None

    @override
    def presigned_put(self, key: str, expires: timedelta) -> str | None:
        signer = self._link.signer
        if signer is None:
            return None
        return signer.presigned_put_object(self._link.bucket, checked_key(key), expires)

    @override
    def presigned_get(
        self, key: str, expires: timedelta, *, filename: str | None = None
    ) -> str | None:
        signer = self._link.signer
        if signer is None:
            return None
        saved_as = f"attachment; filename*=UTF-8''{quote(filename or '')}"
        return signer.presigned_get_object(
            self._link.bucket,
            checked_key(key),
            expires,
            response_headers=(
                {"response-content-disposition": saved_as} if filename else None
            ),
        )

    @override
    async def ping(self) -> None:
        await self._link.require_bucket()

    @override
    async def close(self) -> None:
        self._link.close()


class _Reading:
    """A read that survives lost connections: it is opened again where it was."""

    def __init__(self, link: S3Link, key: str, start: int, length: int | None) -> None:
        self._link = link
        self._key = key
        self._at = start
        self._left = length
        self._etag: str | None = None
        self._answer: BaseHTTPResponse | None = None
        self._in_thread = False

    async def next(self) -> bytes:
        """Give the next bytes; none at the end."""
        if self._left == 0:
            return b""
        link = self._link
        try:
            self._in_thread = True
            chunk = await link.call(
                f"read {self._key!r}", self._step, unwanted=lambda _: self._drop()
            )
        except BlobNotFound as error:
            raise _nothing(link, self._key) from error
        except RangeOutside:
            self._in_thread = False
            return b""
        self._in_thread = False
        self._at += len(chunk)
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def _step(self) -> bytes:
        if self._answer is None:
            self._answer = self._open()
        wanted = CHUNK if self._left is None else min(CHUNK, self._left)
        try:
            return self._answer.read(wanted)
        except BaseException:
            self._drop()
            raise

    def _open(self) -> BaseHTTPResponse:
        answer = self._link.client.get_object(
            self._link.bucket, self._key, self._at, self._left or 0
        )
        etag = answer.headers.get("etag")
        if self._etag not in (None, etag):
            answer.close()
            raise ConnectionResetError(f"{self._key} was replaced while it was read")
        self._etag = etag
        return answer

    def close(self) -> None:
        """Give the connection back, or close it when something is left in it.

        While a thread still reads from it (we were cancelled), that is left to the
        end of the thread's call: closing would wait for it.
        """
        if not self._in_thread:
            self._drop()

    def _drop(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.close()
            answer.release_conn()


def _nothing(link: S3Link, key: str) -> BlobNotFound:
    return BlobNotFound(
        f"The bucket {link.bucket} of {link.place.endpoint} holds nothing under {key!r}."
    )


def _before(written: datetime | None, moment: datetime) -> bool:
    return written is not None and written < moment
