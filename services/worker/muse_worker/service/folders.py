"""The worker's own folder: held by a lock, so that the dead can be told from the live.

A lock of the kernel ends with its process, however that ends; a process id in a file
would not tell a dead worker from a stranger with the same id. The file of the lock names
who holds it: the worker itself, or another one that settles what it left when it died.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from muse_worker.models import WorkFolderTaken

__all__ = ["WorkFolder", "folders_of_the_dead"]

LOCK = ".lock"


class WorkFolder:
    """``work_dir/<worker>``, ours alone until `release` or death."""

    def __init__(self, path: Path, held: int) -> None:
        self.path = path
        self._held = held

    @classmethod
    async def taken(cls, work_dir: Path, worker: str, patience_s: float) -> Self:
        """Take the folder of a worker; wait while another one settles what it left.

        Raises
        ------
        WorkFolderTaken
            A worker of this name runs.
        """
        path = _made(work_dir, worker)
        clock = asyncio.get_running_loop().time
        begin = clock()
        while (held := _locked(path, worker)) is None:
            holder = (path / LOCK).read_text()
            # Who has just taken it may not have written its name yet.
            if clock() - begin > (1.0 if holder == worker else patience_s):
                raise WorkFolderTaken(
                    f"A worker named {worker!r} works in {path} already.",
                    hint="Give this one another name.",
                )
            await asyncio.sleep(0.1)
        return cls(path, held)

    @classmethod
    def of_the_dead(cls, path: Path, holder: str) -> Self | None:
        """Take over the folder of a worker that is no more; None if it lives."""
        held = _locked(path, holder)
        return None if held is None else cls(path, held)

    def release(self) -> None:
        """Let go of the lock."""
        os.close(self._held)


def folders_of_the_dead(work_dir: Path, holder: str) -> Iterator[WorkFolder]:
    """Take over the folder of each worker that died, one after the other.

    Each is let go when the next is asked for: its worker may be starting again.
    """
    for path in sorted(work_dir.absolute().iterdir()):
        folder = None
        if (path / LOCK).exists():
            folder = WorkFolder.of_the_dead(path, holder)
        if folder is not None:
            try:
                yield folder
            finally:
                folder.release()


def _made(work_dir: Path, worker: str) -> Path:
    path = work_dir.absolute() / worker
    path.mkdir(parents=True, exist_ok=True)
    return path


def _locked(folder: Path, holder: str) -> int | None:
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.write(handle, holder.encode())
    return handle
