"""Files that this machine has already: inputs of tasks, by the sha256 of their bytes.

All workers of a machine may share one folder. A file appears in it under its sum when it
has been checked, by a rename; locks of the kernel keep two downloads of the same file
apart and end with their process, so a worker that is killed leaves nothing behind that
anybody would believe.
"""

import asyncio
import fcntl
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

from muse_worker.service.measuring import CACHE_LOOKUPS
from musecore.blobs import StorageFull
from musecore.log import get_logger

__all__ = ["NodeCache"]

log = get_logger(__name__)

Download = Callable[[Path], Awaitable[None]]
"""Writes the bytes to a path, and raises if they are not those that are wanted."""

_POLL_S = 0.05
_SUM = re.compile(r"[0-9a-f]{64}")


class NodeCache:
    """Keeps at most `max_bytes`; what was not used for longest goes first.

    A file that a running task shares (hard link) is in use and stays.

    Attributes
    ----------
    hits, misses, evicted
        Since the start of this worker.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._files = folder.absolute() / "files"
        self._parts = folder.absolute() / "parts"
        self._locks = folder.absolute() / "locks"
        for place in (self._files, self._parts, self._locks):
            place.mkdir(parents=True, exist_ok=True)
        self._max_bytes = max_bytes
        self.hits = self.misses = self.evicted = 0
        self._remove_parts_of_the_dead()

    async def fetch(
        self, sha256: str, size: int, place: Path, download: Download
    ) -> None:
        """Bring a file to `place`: from here, or by one download for all who want it.

        Raises
        ------
        StorageFull
            Not even with an empty cache there is room.
        """
        async with self._alone_with(sha256):
            if await asyncio.to_thread(self._give, sha256, size, place):
                self.hits += 1
                CACHE_LOOKUPS.labels("hit").inc()
                return
            self.misses += 1
            CACHE_LOOKUPS.labels("miss").inc()
            part = self._parts / f"{sha256}.{uuid4().hex}"
            try:
                await self._bring(part, size, download)
                await asyncio.to_thread(self._take, part, sha256)
                given = await asyncio.to_thread(self._give, sha256, size, place)
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        if not given:  # larger than the cache, or thrown out by another worker
            await download(place)

    async def _bring(self, part: Path, size: int, download: Download) -> None:
        await asyncio.to_thread(self._make_room, size)
        try:
            await download(part)
        except StorageFull:
            await asyncio.to_thread(self._make_room, self._max_bytes)
            await download(part)

    async def add(self, sha256: str, path: Path) -> None:
        """Share a file that was made here and whose sum is known; it is a later input.

        The cache is a help: where this does not work, nothing happens.
        """
        part = self._parts / f"{sha256}.{uuid4().hex}"
        try:
            async with self._alone_with(sha256):
                size = (await asyncio.to_thread(path.stat)).st_size
                await asyncio.to_thread(self._make_room, size)
                await asyncio.to_thread(_share, path, part)
                await asyncio.to_thread(self._take, part, sha256)
        except OSError as error:
            log.warning("product not cached", path=path.name, detail=str(error))
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._files / sha256[:2] / sha256

    def _take(self, part: Path, sha256: str) -> None:
        kept = self._path(sha256)
        kept.parent.mkdir(exist_ok=True)
        os.utime(part)
        part.replace(kept)

    def _give(self, sha256: str, size: int, place: Path) -> bool:
        kept = self._path(sha256)
        try:
            if kept.stat().st_size != size:  # somebody has written to it
                kept.unlink()
                return False
            place.parent.mkdir(parents=True, exist_ok=True)
            _share(kept, place)
            os.utime(kept)
        except FileNotFoundError:
            place.unlink(missing_ok=True)
            return False
        return True

    # -- room
    def _make_room(self, size: int) -> None:
        """Remove what was not used for longest, so that `size` bytes more have room."""
        found = sorted(self._entries(), key=lambda one: one[1].st_mtime_ns)
        excess = sum(status.st_size for _, status in found) + size - self._max_bytes
        for path, status in found:
            if excess <= 0:
                return
            if status.st_nlink == 1 and self._evict(path):
                excess -= status.st_size

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        for folder in self._files.iterdir():
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    yield path, path.stat()

    def _evict(self, path: Path) -> bool:
        """Remove a file unless somebody is about to take it."""
        lock = self._locked(path.name)
        if lock is None:
            return False
        try:
            if path.stat().st_nlink > 1:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        finally:
            os.close(lock)
        self.evicted += 1
        return True

    # -- locks
    @asynccontextmanager
    async def _alone_with(self, sha256: str) -> AsyncIterator[None]:
        """Wait until nobody else on this machine has to do with a file."""
        while (lock := self._locked(sha256)) is None:  # noqa: ASYNC110  other processes too
            await asyncio.sleep(_POLL_S)
        try:
            yield
        finally:
            os.close(lock)

    def _locked(self, sha256: str) -> int | None:
        """Take the lock of a file (and of a few with like sums), if it is free."""
        path = self._locks / sha256[:3]
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def _remove_parts_of_the_dead(self) -> None:
        for part in self._parts.iterdir():
            named = _SUM.search(part.name)
            lock = self._locked(named.group()) if named else None
            if lock is not None:
                part.unlink(missing_ok=True)
                os.close(lock)


def _share(source: Path, target: Path) -> None:
    """Link, or copy to another file system. A copy is whole when it has its name."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        part.replace(target)
