"""What was done with which file, so that a restart does not begin anew.

One JSON object per line, appended and synced before the next file is sent. Losing it
is harmless: the server knows by the sha256 what it has.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, NamedTuple, Self

from musewise.errors import UsageError


class Seen(NamedTuple):
    """A file as it was: other bytes have another size or time of change (ns)."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Seen:
        """Look at a file."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


class Journal:
    """The files that are dealt with. One process at a time may have it open.

    Raises
    ------
    UsageError
        Another watcher has it open.
    """

    def __init__(self, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        self._place = place
        self._done: dict[str, Seen] = {}
        self._stream = place.open("a+b")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._stream.close()
            raise UsageError(
                f"Another watcher uses the journal {place}.",
                hint="End it, or give this one a journal of its own: --state FOLDER",
            ) from error
        self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another process have it."""
        self._stream.close()

    def knows(self, path: Path, seen: Seen) -> bool:
        """Whether this file was dealt with as it is now."""
        return self._done.get(str(path)) == seen

    def add(self, path: Path, seen: Seen, **facts: Any) -> None:
        """Write down that a file is dealt with; it is on disk when this returns."""
        self._done[str(path)] = seen
        line = {"path": str(path), **seen._asdict(), **facts}
        self._stream.write(json.dumps(line, default=str).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _load(self) -> None:
        """Read it; a last line that was cut off by a crash is closed and ignored."""
        self._stream.seek(0)
        text = self._stream.read()
        for line in text.splitlines():
            try:
                said = json.loads(line)
                self._done[said["path"]] = Seen(said["size"], said["mtime_ns"])
            except (ValueError, KeyError, TypeError):
                continue
        if text and not text.endswith(b"\n"):
            self._stream.write(b"\n")
            self._stream.flush()
