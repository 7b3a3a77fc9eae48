"""The loop: look, send what is complete, wait; whatever happens to the server."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from musewise.errors import (
    Error,
    NotAuthenticatedError,
    ServerNotFoundError,
    ServerUnreachableError,
    StorageFullError,
    UnavailableError,
)
from musewise.session import Session
from musewise.uploads import IN_FLIGHT, State, Upload, ask_catalog
from musewise.watching.arrivals import Arrivals
from musewise.watching.journal import Journal, Seen

PASSING = (
    ServerUnreachableError,
    ServerNotFoundError,
    UnavailableError,
    StorageFullError,
    NotAuthenticatedError,
)
"""What is waited for: a server that is away, full, or whose token is renewed."""

SERVER_FAULT = "internal_error"
LONGEST_WAIT_S = 60.0

What = Literal["file", "waiting", "back", "moved", "stays"]


@dataclass(frozen=True)
class Report:
    """One thing to tell.

    ``what``: ``file`` (see ``upload``), ``waiting`` and ``back`` (the server), ``moved``
    or ``stays`` (a bad file, and where it is now).
    """

    what: What
    detail: str = ""
    upload: Upload | None = None


@dataclass(frozen=True)
class Manner:
    """How files are sent.

    Attributes
    ----------
    copy
        Send the bytes also to a server on this machine.
    bad_folder
        Refused files are moved there; None: they stay where they are.
    poll_s
        Seconds between looks; more while the server is away.
    """

    project: str | None = None
    copy: bool = False
    bad_folder: Path | None = None
    poll_s: float = 5.0


class Watch:
    """Sends what arrives.

    Parameters
    ----------
    connect
        Gives a new session; called anew after trouble, for a server may come back
        elsewhere.
    tell
        Takes the reports.
    stop
        Once set, no further file is begun.
    """

    def __init__(
        self,
        arrivals: Arrivals,
        journal: Journal,
        connect: Callable[[], AbstractContextManager[Session]],
        *,
        tell: Callable[[Report], None],
        stop: threading.Event,
        manner: Manner,
    ) -> None:
        self._arrivals = arrivals
        self._journal = journal
        self._connect = connect
        self._tell = tell
        self._stop = stop
        self._manner = manner
        self._failures = 0
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Go on until told to stop.

        Raises
        ------
        Error
            One that waiting does not help: no rights, no such project.
        """
        while not self._stop.is_set():
            self.once()
            self._stop.wait(self._pause_s())

    def once(self) -> int:
        """Deal with what is complete now; give how many files are still growing."""
        found = self._arrivals.look()
        for path, seen in found.short:
            self._settle(_short(path, seen), seen)
        for start in range(0, len(found.complete), IN_FLIGHT):
            if self._stop.is_set() or not self._send(
                found.complete[start : start + IN_FLIGHT]
            ):
                break
        return len(found.growing)

    @property
    def waits(self) -> bool:
        """Whether the server could not take the last files."""
        return self._failures > 0

    def _pause_s(self) -> float:
        if not self._failures:
            return self._manner.poll_s
        return float(min(LONGEST_WAIT_S, self._manner.poll_s * 2.0**self._failures))

    def _send(self, batch: Sequence[tuple[Path, Seen]]) -> bool:
        """Send some files; False when the server cannot take them now."""
        sent: list[Upload] = []
        try:
            with self._connect() as muse:
                uploader = muse.uploader(self._manner.project, copy=self._manner.copy)
                try:
                    sent.extend(uploader.put([path for path, _ in batch]))
                finally:
                    sent = ask_catalog(muse.connection, sent) if sent else sent
        except PASSING as error:
            self._wait_for(error)
        else:
            self._is_back()
        for upload in sent:
            if upload.state == "stored":  # the catalog was not reached: once more
                continue
            self._land(upload, dict(batch)[upload.path])
        return not self._failures

    def _land(self, upload: Upload, seen: Seen) -> None:
        if upload.code == SERVER_FAULT:
            self._failures += 1
            said = f"{upload.path.name}: {upload.detail}"
            self._tell(Report("waiting", said))
        elif _is_there(upload.path):
            self._settle(upload, seen)

    def _settle(self, upload: Upload, seen: Seen) -> None:
        """Write a file down, tell of it, and move it away if it is bad."""
        self._journal.add(
            upload.path,
            seen,
            state=upload.state,
            code=upload.code,
            sha256=upload.sha256,
        )
        self.counts[upload.state] += 1
        self._tell(Report("file", upload=upload))
        bad_folder = self._manner.bad_folder
        if upload.state == "refused" and bad_folder is not None:
            self._move_away(upload.path, bad_folder)

    def _move_away(self, path: Path, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place = _free_name(folder, path.name)
            shutil.move(path, place)
        except OSError as error:
            self._tell(Report("stays", f"{path}: {error}"))
        else:
            self._tell(Report("moved", f"{path} -> {place}"))

    def _wait_for(self, error: Error) -> None:
        self._failures += 1
        if self._failures == 1:
            self._tell(Report("waiting", str(error)))

    def _is_back(self) -> None:
        if self._failures:
            self._tell(Report("back", "the server takes files again"))
        self._failures = 0


def _short(path: Path, seen: Seen) -> Upload:
    state: State = "refused"
    return Upload(
        path=path,
        state=state,
        size=seen.size,
        code="truncated_fits",
        detail="It does not grow any more, and has fewer bytes than its headers promise.",
    )


def _is_there(path: Path) -> bool:
    """Whether the file is still there: one that was renamed comes by its new name."""
    return path.exists()


def _free_name(folder: Path, name: str) -> Path:
    place, n = folder / name, 1
    while place.exists():
        n += 1
        place = folder / f"{n}-{name}"
    return place
