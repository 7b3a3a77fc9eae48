"""Blobs as files in a folder: hard links where they work, copies elsewhere."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from typing_extensions import override

from musecore.blobs.contract import (
    CHUNK,
    BlobNotFound,
    BlobStore,
    BlobsUnavailable,
    StorageFull,
    checked_key,
)
from musecore.blobs.room import room_or_error

__all__ = ["DirectoryStore"]

_PARTS = ".parts"


class DirectoryStore(BlobStore):
    """A `BlobStore` in a folder of this machine.

    Parameters
    ----------
    root
        Created when missing. Unfinished writes lie in ``.parts``.
    reserve
        Bytes of the file system to keep free: a write that would leave less is
        refused before it begins.
    alone
        No other process writes here: what lies in ``.parts`` is of an earlier run
        and is removed at once. Else see `drop_unfinished`.
    """

    def __init__(self, root: Path, *, reserve: int = 0, alone: bool = True) -> None:
        self.root = root.absolute()
        self._parts = self.root / _PARTS
        self._reserve = reserve
        if alone:
            shutil.rmtree(self._parts, ignore_errors=True)
        self._parts.mkdir(parents=True, exist_ok=True)

    @override
    async def put_file(
        self, key: str, path: Path, *, move: bool = False, link: bool = True
    ) -> int:
        return await asyncio.to_thread(self._put_file, key, path, move, link)

    def _put_file(self, key: str, path: Path, move: bool, link: bool) -> int:
        target = self._path(key)
        with self._part(key) as part:
            if not ((move and _renamed(path, part)) or (link and _linked(path, part))):
                self._require_room(path.stat().st_size)
                shutil.copyfile(path, part)
            size = part.stat().st_size
            self._publish(part, target)
        if move:
            path.unlink(missing_ok=True)
        return size

    @override
    async def put_stream(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        target = self._path(key)
        size = 0
        with self._part(key) as part:
            file = await asyncio.to_thread(part.open, "wb")
            try:
                async for chunk in chunks:
                    self._require_room(len(chunk))
                    size += await asyncio.to_thread(file.write, chunk)
            finally:
                await asyncio.to_thread(file.close)
            await asyncio.to_thread(self._publish, part, target)
        return size

    @override
    async def read(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(self._existing(key).open, "rb")
        with file:
            file.seek(start)
            left = float("inf") if length is None else length
            while left > 0:
                chunk = await asyncio.to_thread(file.read, int(min(CHUNK, left)))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    @override
    async def get_range(self, key: str, start: int, length: int) -> bytes:
        return await asyncio.to_thread(self._get_range, key, start, length)

    def _get_range(self, key: str, start: int, length: int) -> bytes:
        with self._existing(key).open("rb") as file:
            return os.pread(file.fileno(), length, start)

    @override
    async def get_file(self, key: str, dest: Path, *, link: bool = True) -> None:
        await asyncio.to_thread(self._get_file, key, dest, link)

    def _get_file(self, key: str, dest: Path, link: bool) -> None:
        source = self._existing(key)
        dest.parent.mkdir(parents=True, exist_ok=True)
        part = dest.with_name(f".{dest.name}.{uuid4().hex}")
        with room_or_error(part, f"Cannot write {dest}"):
            if not (link and _linked(source, part)):
                shutil.copyfile(source, part)
            part.replace(dest)
        part.unlink(missing_ok=True)

    @override
    def local_path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.is_file() else None

    @override
    async def stat(self, key: str) -> int:
        return self._existing(key).stat().st_size

    @override
    async def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    @override
    async def delete(self, key: str) -> None:
        path = self._path(key)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    @override
    async def keys(self, prefix: str = "") -> list[str]:
        return await asyncio.to_thread(self._keys, prefix)

    def _keys(self, prefix: str) -> list[str]:
        folder = self.root / prefix.rpartition("/")[0]
        found = [
            str(Path(base, name).relative_to(self.root))
            for base, _folders, names in os.walk(folder)
            for name in names
            if not Path(base).is_relative_to(self._parts)
        ]
        return sorted(key for key in found if key.startswith(prefix))

    @override
    async def keys_before(self, moment: datetime, prefix: str = "") -> list[str]:
        return await asyncio.to_thread(
            lambda: [key for key in self._keys(prefix) if self._older(key, moment)]
        )

    def _older(self, key: str, moment: datetime) -> bool:
        """Tell by the time of the last link or rename, not by that of the content."""
        with suppress(FileNotFoundError):
            return self._path(key).stat().st_ctime < moment.timestamp()
        return False

    @override
    async def drop_unfinished(self, before: datetime) -> int:
        return await asyncio.to_thread(self._drop_unfinished, before.timestamp())

    def _drop_unfinished(self, before: float) -> int:
        old = []
        for part in self._parts.iterdir():
            with suppress(FileNotFoundError):
                if part.stat().st_ctime < before:
                    old.append(part)
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    @override
    async def free_space(self) -> int | None:
        return max(0, self._free() - self._reserve)

    @override
    def presigned_put(self, key: str, expires: timedelta) -> str | None:
        return None

    @override
    def presigned_get(
        self, key: str, expires: timedelta, *, filename: str | None = None
    ) -> str | None:
        return None

    @override
    async def ping(self) -> None:
        if not os.access(self._parts, os.W_OK | os.X_OK):
            raise BlobsUnavailable(f"{self.root} cannot be written to.")

    @override
    async def close(self) -> None:
        """Nothing is open."""

    def _free(self) -> int:
        return shutil.disk_usage(self.root).free

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            if not self._parts.is_dir():
                raise BlobsUnavailable(f"The folder {self.root} is not there now.")
            raise BlobNotFound(f"The store {self.root} holds nothing under {key!r}.")
        return path

    def _require_room(self, size: int) -> None:
        free = self._free()
        if free - size < self._reserve:
            raise StorageFull(
                f"No room for {size} bytes in {self.root}: {free} are free, "
                f"{self._reserve} are to stay free.",
                hint="Free some disk space, or give the store another folder.",
            )

    @contextmanager
    def _part(self, key: str) -> Iterator[Path]:
        part = self._parts / uuid4().hex
        try:
            with room_or_error(part, f"Cannot store {key!r} in {self.root}"):
                yield part
        finally:
            part.unlink(missing_ok=True)

    def _publish(self, part: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)


def _renamed(path: Path, part: Path) -> bool:
    with suppress(OSError):
        path.rename(part)
        return True
    return False


def _linked(path: Path, part: Path) -> bool:
    with suppress(OSError):
        os.link(path, part)
        return True
    return False
