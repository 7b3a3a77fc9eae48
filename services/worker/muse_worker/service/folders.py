"""The worker's own folder: held by a lock, so that the dead can be told from the live.

A lock of the kernel ends with its process, however that ends; a process id in a file
would not tell a dead worker from a stranger with the same id.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from muse_worker.models import WorkFolderTaken

__all__ = ["WorkFolder", "folders_of_the_dead"]

LOCK = ".lock"


class WorkFolder:
    """``work_dir/<worker>``, ours alone until `release` or death.

    Raises
    ------
    WorkFolderTaken
        A worker of this name runs.
    """

    def __init__(self, work_dir: Path, worker: str) -> None:
        self.path = work_dir.absolute() / worker
        self.path.mkdir(parents=True, exist_ok=True)
        held = _locked(self.path)
        if held is None:
            raise WorkFolderTaken(
                f"A worker named {worker!r} works in {self.path} already.",
                hint="Give this one another name.",
            )
        self._held = held

    @classmethod
    def of_the_dead(cls, path: Path) -> Self | None:
        """Take over the folder of a worker that is no more; None if it lives."""
        try:
            return cls(path.parent, path.name)
        except WorkFolderTaken:
            return None

    def release(self) -> None:
        """Let go of the lock."""
        os.close(self._held)


def folders_of_the_dead(work_dir: Path) -> list[WorkFolder]:
    """Take over the folders of all workers that died; release each when done."""
    found = (
        WorkFolder.of_the_dead(path)
        for path in sorted(work_dir.absolute().iterdir())
        if (path / LOCK).exists()
    )
    return [folder for folder in found if folder is not None]


def _locked(folder: Path) -> int | None:
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
