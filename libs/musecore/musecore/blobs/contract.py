"""What every blob store promises."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from musecore.errors import Invalid, MuseError, NotFound, Unavailable

__all__ = [
    "BlobNotFound",
    "BlobStore",
    "BlobsForbidden",
    "BlobsUnavailable",
    "BucketMissing",
    "KeyInvalid",
    "StorageFull",
    "checked_key",
]

CHUNK = 1 << 20
"""Bytes given at a time by `BlobStore.read`."""

_KEY = re.compile(r"[A-Za-z0-9_+=@,:-][A-Za-z0-9._+=@,:-]*")


class BlobNotFound(NotFound):
    """The store holds nothing under this key."""

    code = "blob_not_found"


class KeyInvalid(Invalid):
    """The key is not one that all S3 servers keep faithfully."""

    code = "key_invalid"


class StorageFull(MuseError):
    """The store has no room left; nothing half-written is left behind."""

    code = "storage_full"
    status = 507


class BlobsUnavailable(Unavailable):
    """The store does not answer, or answers that it cannot now."""

    code = "blobs_unavailable"


class BlobsForbidden(MuseError):
    """The store refuses our key, or what we want with it."""

    code = "blobs_forbidden"


class BucketMissing(MuseError):
    """The store has no bucket of the name in ``blobs_url``."""

    code = "bucket_missing"


class BlobStore(Protocol):
    """Keeps immutable files under keys such as ``objects/<uuid>``.

    A key becomes visible when its bytes are whole, never before; writing a key
    again replaces it whole.
    """

    async def put_file(
        self, key: str, path: Path, *, move: bool = False, link: bool = True
    ) -> int:
        """Store a file; give its size in bytes.

        Parameters
        ----------
        move
            The file at `path` is ours to take: it is gone afterwards.
        link
            The store may share the file's bytes (hard link) where it can; False
            for a file that somebody may still write to.

        Raises
        ------
        StorageFull
            No room, or less than the reserve would be left.
        BlobsUnavailable
            The store did not answer for a while; the source is still there.
        """

    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what arrives; give its size. On an error nothing is kept."""

    def read(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """Give the bytes from `start`, `length` of them or all, in chunks.

        Raises
        ------
        BlobNotFound
            At the first step of the iteration.
        """

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Give `length` bytes from `start`; fewer at the end of the file."""

    async def get_file(self, key: str, dest: Path, *, link: bool = True) -> None:
        """Write the blob to `dest` (whole or not at all), or link it there.

        A linked file shares its bytes with the store: it may be read only.
        """

    def local_path(self, key: str) -> Path | None:
        """Give the file that holds the blob, if there is one on this machine."""

    async def stat(self, key: str) -> int:
        """Give the size in bytes; raises `BlobNotFound`."""

    async def exists(self, key: str) -> bool:
        """Tell whether the key holds something."""

    async def delete(self, key: str) -> None:
        """Forget the key; harmless when there is nothing."""

    async def keys(self, prefix: str = "") -> list[str]:
        """List keys that begin with `prefix`, in order."""

    async def keys_before(self, moment: datetime, prefix: str = "") -> list[str]:
        """List keys that were last written before `moment`, in order."""

    async def drop_unfinished(self, before: datetime) -> int:
        """Remove what writes that began before a moment left; give their number."""

    async def free_space(self) -> int | None:
        """Give the bytes that can still be stored; None where nobody knows."""

    def presigned_put(self, key: str, expires: timedelta) -> str | None:
        """Give a URL to which anybody may PUT the bytes; None: there is no such way."""

    def presigned_get(
        self, key: str, expires: timedelta, *, filename: str | None = None
    ) -> str | None:
        """Give a URL from which anybody may GET the bytes; None: there is no such way."""

    async def ping(self) -> None:
        """Return when the store can be used now; asked once, never repeated.

        Raises
        ------
        BlobsUnavailable, BlobsForbidden, BucketMissing
        """

    async def close(self) -> None:
        """Close connections. What is under way may break."""


def checked_key(key: str) -> str:
    """Give the key back if all stores can keep it.

    Raises
    ------
    KeyInvalid
        Empty parts, ``..``, ``%``, a leading dot, or characters beyond letters,
        digits and ``._+=@,:-``.
    """
    parts = key.split("/")
    if len(key) <= 512 and all(_KEY.fullmatch(part) for part in parts):
        return key
    raise KeyInvalid(
        f"{key!r} cannot be a key.",
        hint="Use letters, digits and ._+=@,:- in parts divided by single slashes.",
    )
