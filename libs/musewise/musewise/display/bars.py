"""Bars for bytes that move; shown on stderr, and only in a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from musewise.display import consoles


def _bytes_bar() -> Progress:
    console = consoles.err()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        expand=True,
    )


@contextmanager
def transfer_bar(name: str, size: int | None) -> Iterator[Callable[[int], None]]:
    """Show one file's bytes; gives what is told of the bytes that came."""
    with _bytes_bar() as bar:
        task = bar.add_task(name, total=size)
        yield lambda count: bar.advance(task, count)


class ManyBars:
    """A bar for each file that comes now, and one for all of them."""

    def __init__(self, files: int, size: int) -> None:
        self._files, self._done = files, 0
        self._bar = _bytes_bar()
        self._all = self._bar.add_task(self._words(), total=size)

    def __enter__(self) -> "ManyBars":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def file(self, name: str, size: int | None) -> Iterator[Callable[[int], None]]:
        """Show a file while it comes; gives what is told of its bytes."""
        task = self._bar.add_task(name, total=size)

        def moved(count: int) -> None:
            self._bar.advance(task, count)
            self._bar.advance(self._all, count)

        try:
            yield moved
        finally:
            self._done += 1
            self._bar.remove_task(task)
            self._bar.update(self._all, description=self._words())

    def _words(self) -> str:
        return f"{self._done}/{self._files} files"


class PutBar:
    """Files and bytes that go in, then what the catalog has said of them."""

    def __init__(self, files: int, size: int) -> None:
        self._files, self._done = files, 0
        self._bar = _bytes_bar()
        self._task: TaskID = self._bar.add_task(self._words(), total=size)

    def __enter__(self) -> "PutBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def moved(self, count: int) -> None:
        """Take note of bytes; called from several threads."""
        self._bar.advance(self._task, count)

    def landed(self) -> None:
        """Take note of a file that is in, or refused."""
        self._done += 1
        self._bar.update(self._task, description=self._words())

    def told(self, done: int, total: int) -> None:
        """Take note of what the catalog has said."""
        self._bar.update(self._task, description=f"catalogued {done}/{total}")

    def _words(self) -> str:
        return f"{self._done}/{self._files} files"
