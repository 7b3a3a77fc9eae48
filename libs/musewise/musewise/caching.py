"""Files kept by their sha256, so that nothing is fetched twice."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

__all__ = ["Cache"]

CHUNK = 1 << 20


class Cache:
    """A folder of files; the one that was not used for the longest time goes first.

    Files are linked where the file system can, else copied. What is taken is checked,
    so a file that somebody changed through a link is fetched anew. Several programs
    may use it at once.

    Parameters
    ----------
    limit
        Bytes that it holds at most.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit

    def take(self, sha256: str, place: Path) -> bool:
        """Put a file at a place; False where the cache has not got it."""
        kept = self._place(sha256)
        if not kept.is_file() or sha256_of(kept) != sha256:
            kept.unlink(missing_ok=True)
            return False
        _link_or_copy(kept, place)
        with suppress(OSError):
            os.utime(kept)
        return True

    def keep(self, sha256: str, path: Path) -> None:
        """Keep a file that was checked; on a full disk nothing is kept."""
        if path.stat().st_size > self.limit:
            return
        with suppress(OSError):
            kept = self._place(sha256)
            kept.parent.mkdir(parents=True, exist_ok=True)
            if not kept.exists():
                _link_or_copy(path, kept)
            os.utime(kept)
            self._make_room()

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                told = path.stat()
                yield told.st_mtime, told.st_size, path

    def _make_room(self) -> None:
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            total -= size


def sha256_of(path: Path) -> str:
    """Give the sha256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _link_or_copy(source: Path, place: Path) -> None:
    """Put a file in a place, whole or not at all."""
    part = place.with_name(f".{place.name}.{uuid4().hex}.part")
    try:
        try:
            os.link(source, part)
        except OSError:
            shutil.copyfile(source, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
