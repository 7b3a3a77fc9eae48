"""Many files at once, and files that are away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from musewise.downloads import Remote, download
from musewise.errors import Error, FileAway, RetrieveError
from musewise.results import Frame

if TYPE_CHECKING:
    from musewise.caching import Cache
    from musewise.connection import Connection
    from musewise.query import Query
    from musewise.uploads import Moved

__all__ = ["Fetching", "patiently", "retrieve", "with_estimate"]

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
FOR_EVER_S = 1e9
_T = TypeVar("_T")


class Fetches(Protocol):
    """A session, as far as fetching files goes."""

    connection: Connection
    cache: Cache | None

    def frame(self, frame_id: str) -> Frame:
        """Give a frame."""
        ...

    def remote(self, frame: Frame) -> Remote:
        """Give its stored file."""
        ...

    def lineage(self, frame_id: str, depth: int | None = None) -> dict[str, Any]:
        """Give what it was made from."""
        ...

    def fetch(
        self,
        frame: Frame,
        path: Path,
        *,
        moved: Moved = ...,
        wait: bool | float = False,
    ) -> Path:
        """Download its file."""
        ...


class Fetching:
    """Files of frames, one or many; see `musewise.session.Session`."""

    def get(
        self: Fetches,
        frame_id: str,
        path: str | Path = ".",
        *,
        progress: bool = False,
        wait: bool | float = False,
    ) -> Path:
        """Download the file of a frame into a folder, or to the name given.

        Continues where an earlier download broke off, and checks the sha256. With
        ``wait`` a file that is away is waited for (so many seconds, or for ever).

        Raises
        ------
        FileAway, ChecksumError, DiskFullError, NotFoundError
        """
        frame = self.frame(frame_id)
        if not progress:
            return self.fetch(frame, Path(path), wait=wait)
        from musewise.display.bars import transfer_bar

        with transfer_bar(frame.filename or frame_id, frame.size) as moved:
            return self.fetch(frame, Path(path), moved=moved, wait=wait)

    def fetch(
        self: Fetches,
        frame: Frame,
        path: Path,
        *,
        moved: Moved = lambda count: None,
        wait: bool | float = False,
    ) -> Path:
        """Download the file of a frame; ``moved`` hears of bytes. See `get`."""
        remote = self.remote(frame)

        def once() -> Path:
            return download(
                self.connection, remote, path, moved=moved, cache=self.cache
            )

        try:
            return patiently(once, wait)
        except FileAway as error:
            raise with_estimate(self, frame, error) from None

    def retrieve(
        self: Fetches,
        wanted: Query | Iterable[Frame],
        folder: str | Path = ".",
        *,
        jobs: int = 4,
        progress: bool = False,
        wait: bool | float = False,
    ) -> list[Path]:
        """Download the files of all objects that fit, ``jobs`` at a time.

        Each file is fetched once, checked, kept in the cache ($MUSEWISE_CACHE), and
        gone on with where it broke off; one that fails stops none of the others.

        Raises
        ------
        RetrieveError
            Some did not come; its ``failures`` say why.
        """
        return retrieve(
            self, wanted, Path(folder), jobs=jobs, progress=progress, wait=wait
        )


def retrieve(
    session: Fetches,
    frames: Iterable[Frame],
    folder: Path,
    *,
    jobs: int = 4,
    progress: bool = False,
    wait: bool | float = False,
) -> list[Path]:
    """Fetch the file of each frame into a folder; each file once.

    Files of one name get the beginning of their sha256 into it. One that fails stops
    none of the others; doing it again goes on with what is missing.

    Raises
    ------
    RetrieveError
        Some did not come; its ``failures`` say why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = list({frame.file_id or frame.frame_id: frame for frame in frames}.values())
    places = _places(files, folder)
    failures: dict[str, Error] = {}
    total = sum(frame.size or 0 for frame in files)
    with _bars(len(files), total, progress) as bars:

        def one(frame: Frame, place: Path) -> Path | None:
            try:
                with bars(place.name, frame.size) as moved:
                    return session.fetch(frame, place, moved=moved, wait=wait)
            except Error as error:
                failures[place.name] = error
                return None

        with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
            found = list(pool.map(one, files, places))
    if failures:
        raise _failed(failures, len(files))
    return [path for path in found if path is not None]


Bar = Callable[[str, int | None], AbstractContextManager["Moved"]]


@contextmanager
def _bars(files: int, size: int, progress: bool) -> Iterator[Bar]:
    """Give what shows a bar for each file; nothing is shown without `progress`."""
    if not progress:
        yield lambda name, size: nullcontext(_nobody)
        return
    from musewise.display.bars import ManyBars

    with ManyBars(files, size) as bars:
        yield bars.file


def _nobody(count: int) -> None:
    return None


def _places(files: Sequence[Frame], folder: Path) -> list[Path]:
    names = [frame.filename or frame.frame_id for frame in files]
    places = []
    for frame, name in zip(files, names, strict=True):
        plain = Path(name)
        if names.count(name) > 1 and frame.sha256:
            plain = Path(f"{plain.stem}-{frame.sha256[:8]}{plain.suffix}")
        places.append(folder / plain.name)
    return places


def _failed(failures: dict[str, Error], count: int) -> RetrieveError:
    name, first = next(iter(failures.items()))
    told = f"{len(failures)} of {count} files did not come; the first is {name}: {first.detail}"
    error = RetrieveError(told, failures, hint=first.hint)
    error.request_id = first.request_id
    return error


def patiently(
    fetch: Callable[[], _T],
    wait: bool | float,
    told: Callable[[str], None] = lambda words: None,
) -> _T:
    """Fetch, and where a file is away try again until it is there.

    Parameters
    ----------
    wait
        False: not at all; True: for ever; a number: so many seconds.

    Raises
    ------
    FileAway
        It did not come back in time.
    """
    patience = FOR_EVER_S if wait is True else float(wait)
    end = time.monotonic() + patience
    pause = FIRST_WAIT_S
    while True:
        try:
            return fetch()
        except FileAway as error:
            left = end - time.monotonic()
            if left <= 0:
                raise
            told(error.detail)
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_WAIT_S)


def with_estimate(session: Fetches, frame: Frame, error: FileAway) -> FileAway:
    """Add how long it took to make a product that is away, with all before it."""
    if frame.kind != "product":
        return error
    try:
        seconds = _run_time(session.lineage(frame.frame_id))
    except Error:
        return error
    if not seconds:
        return error
    hint = f"retrieve(wait=True), or process again here (about {_spoken(seconds)})."
    return FileAway(error.status, {**error.more, "hint": hint})


def _run_time(tree: dict[str, Any]) -> float:
    """Give the seconds of all runs of a lineage, each once."""
    runs: dict[str, float] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        run = node.get("task")
        if run:
            begun, ended = (
                datetime.fromisoformat(run[key]) for key in ("started", "ended")
            )
            runs[run["task_id"]] = (ended - begun).total_seconds()
        waiting += node.get("inputs") or []
    return sum(runs.values())


def _spoken(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
