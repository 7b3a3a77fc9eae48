"""What lies in the folders: which files are new, still being written, or complete.

By looking again and again: folders on network file systems tell of no changes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from musewise.uploads import SUFFIXES
from musewise.watching.journal import Journal, Seen
from musewise.watching.wholeness import is_whole

IGNORED = (".*", "*.part", "*.tmp", "*.partial")


@dataclass
class _Quiet:
    seen: Seen
    since: float  # of the clock


@dataclass(frozen=True)
class Found:
    """One look at the folders.

    ``complete``: to be sent now. ``growing``: written to lately. ``short``: at rest
    for long, and still without the bytes that their headers promise.
    """

    complete: tuple[tuple[Path, Seen], ...]
    growing: tuple[Path, ...]
    short: tuple[tuple[Path, Seen], ...]


class Arrivals:
    """Looks at folders and tells what has arrived.

    Parameters
    ----------
    settle_s
        A file is at rest when size and time of change have stood for so long.
    give_up_s
        A file at rest that is not whole after so long is told as short.
    ignore
        Patterns of names that are none of ours, beside `IGNORED`.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        journal: Journal,
        *,
        settle_s: float = 5.0,
        give_up_s: float = 600.0,
        ignore: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders = folders
        self._journal = journal
        self._settle_s = settle_s
        self._give_up_s = give_up_s
        self._ignore = (*IGNORED, *ignore)
        self._clock = clock
        self._quiet: dict[Path, _Quiet] = {}

    def look(self) -> Found:
        """Look once. A file is told as complete until the journal knows it."""
        complete, growing, short = [], [], []
        present = dict(self._present())
        self._quiet = {p: q for p, q in self._quiet.items() if p in present}
        for path, seen in present.items():
            rest_s = self._rest_of(path, seen)
            if rest_s < self._settle_s:
                growing.append(path)
            elif _whole(path):
                complete.append((path, seen))
            elif rest_s >= self._give_up_s:
                short.append((path, seen))
            else:
                growing.append(path)
        return Found(tuple(complete), tuple(growing), tuple(short))

    def _rest_of(self, path: Path, seen: Seen) -> float:
        """Seconds since the file last changed, as far as we have seen."""
        now = self._clock()
        known = self._quiet.get(path)
        if known is None or known.seen != seen:
            known = self._quiet[path] = _Quiet(seen, now)
        return now - known.since

    def _present(self) -> Iterator[tuple[Path, Seen]]:
        """Files not dealt with yet, by folder and name."""
        for folder in self._folders:
            for path in self._files(folder):
                try:
                    seen = Seen.of(path)
                except OSError:  # renamed or removed meanwhile
                    continue
                if not self._journal.knows(path, seen):
                    yield path, seen

    def _files(self, folder: Path) -> Iterator[Path]:
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(one for one in folders if not self._ignored(one))
            for name in sorted(names):
                if name.endswith(SUFFIXES) and not self._ignored(name):
                    yield Path(place) / name

    def _ignored(self, name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in self._ignore)


def _whole(path: Path) -> bool:
    try:
        return is_whole(path)
    except FileNotFoundError:  # renamed meanwhile: not ours to send under this name
        return False
    except OSError:  # not readable: sending it will say why
        return True
