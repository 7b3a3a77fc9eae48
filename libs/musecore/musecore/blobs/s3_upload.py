"""Writing to S3: small files in one request, larger ones in parts that are joined.

The parts use the vendor's calls for single steps, which its own ``put_object`` is made
of: so a part that fails is sent again, not the whole file.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from minio.datatypes import Part
from minio.error import S3Error

from musecore.blobs.contract import BlobNotFound, BlobsUnavailable
from musecore.blobs.s3_link import S3Link
from musecore.errors import MuseError
from musecore.log import get_logger

__all__ = ["upload_file", "upload_stream"]

log = get_logger(__name__)

PART = 16 << 20
"""Bytes in a part, at least; S3 wants 5 MiB or more in all but the last."""

MOST_PARTS = 1000
"""Swift's limit if nobody raised it; S3's own is 10,000."""

PARTS_AT_ONCE = 3


class _Piece(Protocol):
    """Gives the bytes of a part, again if it must be sent again."""

    def __call__(self) -> bytes: ...


async def upload_file(link: S3Link, key: str, path: Path) -> int:
    """Store a file; give its size. Nothing is visible until it is whole."""
    size = (await asyncio.to_thread(path.stat)).st_size
    step = max(PART, -(-size // MOST_PARTS))

    def piece(start: int) -> bytes:
        with path.open("rb") as file:
            return os.pread(file.fileno(), min(step, size - start), start)

    if size <= PART:
        await _put(link, key, partial(piece, 0))
        return size
    async with _Parts(link, key) as parts:
        turn = asyncio.Semaphore(PARTS_AT_ONCE)

        async def send(number: int, start: int) -> None:
            async with turn:
                await parts.send(number, partial(piece, start))

        starts = range(0, size, step)
        async with asyncio.TaskGroup() as group:
            for number, start in enumerate(starts, 1):
                group.create_task(send(number, start))
        await parts.join(size)
    return size


async def upload_stream(link: S3Link, key: str, chunks: AsyncIterator[bytes]) -> int:
    """Store what arrives; give its size. At most three parts are held in memory."""
    pieces = _gathered(chunks)
    first = await anext(pieces, b"")
    second = await anext(pieces, None)
    if second is None:
        await _put(link, key, lambda: first)
        return len(first)
    size = 0
    async with _Parts(link, key) as parts:
        number = 0
        async for piece in _chained([first, second], pieces):
            number += 1
            size += len(piece)
            await parts.send(number, partial(bytes, piece))
        await parts.join(size)
    return size


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give parts of increasing size: 1000 of them are to hold 40 GB."""
    held, number = bytearray(), 1
    async for chunk in chunks:
        held += chunk
        step = PART if number <= MOST_PARTS // 2 else 4 * PART
        while len(held) >= step:
            yield bytes(memoryview(held)[:step])
            del held[:step]
            number += 1
    if held:
        yield bytes(held)


async def _chained(
    begun: list[bytes], rest: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    while begun:
        yield begun.pop(0)
    async for piece in rest:
        yield piece


async def _put(link: S3Link, key: str, piece: _Piece) -> None:
    def put() -> None:
        content = piece()
        link.client.put_object(link.bucket, key, io.BytesIO(content), len(content))

    await link.call(f"store {key!r}", put, unwanted=lambda _: _remove(link, key))


def _remove(link: S3Link, key: str) -> None:
    """Remove what became visible after its writer was cancelled; in a thread."""
    try:
        link.client.remove_object(link.bucket, key)
    except Exception as error:  # noqa: BLE001  nobody waits for us
        log.warning("bytes left behind", key=key, detail=str(error))


class _Parts:
    """One write in parts: ``async with`` gives it up unless `join` has been reached."""

    def __init__(self, link: S3Link, key: str) -> None:
        self._link = link
        self._key = key
        self._id = ""
        self._sent: dict[int, str] = {}
        self._joined = False

    async def __aenter__(self) -> "_Parts":
        link, key = self._link, self._key
        self._id = await link.call(
            f"begin to store {key!r}",
            lambda: link.client._create_multipart_upload(link.bucket, key, {}),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._joined:
            await _to_its_end(self._give_up)

    async def send(self, number: int, piece: _Piece) -> None:
        """Send a part; parts may come in any order."""
        link, key = self._link, self._key
        self._sent[number] = await link.call(
            f"store part {number} of {key!r}",
            lambda: link.client._upload_part(
                link.bucket, key, piece(), None, self._id, number
            ),
        )

    async def join(self, size: int) -> None:
        """Make the whole visible, and look whether it is as long as what was sent."""
        link, key = self._link, self._key
        parts = [Part(number, etag) for number, etag in sorted(self._sent.items())]

        def complete() -> None:
            try:
                link.client._complete_multipart_upload(
                    link.bucket, key, self._id, parts
                )
            except S3Error as error:
                if error.code != "NoSuchUpload":  # else an earlier try has done it
                    raise
            found = link.client.stat_object(link.bucket, key).size
            if found != size:
                raise OSError(f"{key} has {found} bytes after {size} were sent")

        try:
            await link.call(
                f"join the parts of {key!r}",
                complete,
                unwanted=lambda _: _remove(link, key),
            )
        except BlobNotFound as error:
            raise BlobsUnavailable(f"The parts of {key!r} were lost.") from error
        self._joined = True

    async def _give_up(self) -> None:
        link, key = self._link, self._key
        try:
            await link.call(
                f"give up {key!r}",
                lambda: link.client._abort_multipart_upload(link.bucket, key, self._id),
            )
        except MuseError as error:  # `drop_unfinished` finds it later
            log.warning("parts left behind", key=key, detail=str(error))


async def _to_its_end(step: Callable[[], Awaitable[None]]) -> None:
    """Do a step even when we are cancelled meanwhile; the cancellation comes after."""
    doing = asyncio.ensure_future(step())
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        with suppress(Exception):
            await doing
        raise
