"""The command that watches folders."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from musewise.cli.options import Common, command
from musewise.display.formats import size_text
from musewise.errors import Exit, UsageError
from musewise.settings import state_folder
from musewise.watching import Arrivals, Journal, Manner, Report, Watch


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    command(app, "watch", watch)


@dataclass(frozen=True)
class WatchOptions:
    """Which folders, and how."""

    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="With their subfolders.")
    ]
    project: Annotated[str | None, typer.Option(help="Project they belong to.")] = None
    copy: Annotated[
        bool,
        typer.Option("--copy", help="Send the bytes also to a server on this machine."),
    ] = False
    once: Annotated[
        bool, typer.Option("--once", help="Send what is complete now, then end.")
    ] = False
    ignore: Annotated[
        list[str],
        typer.Option(metavar="GLOB", help="Names to leave alone, as '*.fz'."),
    ] = field(default_factory=list)
    move_bad: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Move refused files there; else they stay."
        ),
    ] = None
    poll: Annotated[float, typer.Option(min=0.01, help="Seconds between looks.")] = 5.0
    settle: Annotated[
        float,
        typer.Option(min=0.0, help="Seconds of rest until a file counts as done."),
    ] = 5.0
    give_up: Annotated[
        float,
        typer.Option(min=0.0, help="Seconds of rest until a short file counts as bad."),
    ] = 600.0
    state: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the journal is kept.")
    ] = None


def watch(wanted: WatchOptions, common: Common) -> None:
    """Put in what arrives in folders, once, when it is complete; until Ctrl-C."""
    folders = [_folder(path) for path in wanted.folders]
    with Journal(_journal(wanted, folders)) as journal, _until_told() as stop:
        arrivals = Arrivals(
            folders,
            journal,
            settle_s=wanted.settle,
            give_up_s=wanted.give_up,
            ignore=wanted.ignore,
        )
        watching = Watch(
            arrivals,
            journal,
            common.connect,
            tell=_telling(common),
            stop=stop,
            manner=Manner(
                project=wanted.project,
                copy=wanted.copy,
                bad_folder=wanted.move_bad,
                poll_s=wanted.poll,
            ),
        )
        if wanted.once:
            _once(watching, wanted, common, stop)
        else:
            common.note(f"watching {', '.join(map(str, folders))}; Ctrl-C ends")
            watching.run()
    common.note(_summary(watching))


def _once(
    watching: Watch, wanted: WatchOptions, common: Common, stop: threading.Event
) -> None:
    """Look twice, for rest is seen by looking twice."""
    growing = watching.once()
    if growing and wanted.settle:
        stop.wait(wanted.settle)
        growing = watching.once()
    if growing:
        common.note(f"{growing} files are not complete yet")
    if watching.waits:
        raise typer.Exit(Exit.SERVER)
    if watching.counts["refused"]:
        raise typer.Exit(Exit.PARTLY)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise UsageError(f"{path} is no folder.")
    return path.resolve()


def _journal(wanted: WatchOptions, folders: list[Path]) -> Path:
    """One journal per set of folders and project."""
    named = "\n".join([*map(str, sorted(folders)), wanted.project or ""])
    name = hashlib.sha256(named.encode()).hexdigest()[:16]
    return (wanted.state or state_folder() / "watch") / f"{name}.jsonl"


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set: the present files are ended."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def told(*_: object) -> None:
        # Not here: the main thread may just hold the lock of the event.
        threading.Thread(target=stop.set, daemon=True).start()

    kept = {one: signal.signal(one, told) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _telling:  # noqa: N801  reads as a verb where it is used
    """Writes reports: one line each, JSON for machines."""

    def __init__(self, common: Common) -> None:
        self._common = common

    def __call__(self, report: Report) -> None:
        now = time.gmtime()
        if self._common.as_json:
            said = {"event": report.what, "time": time.strftime("%FT%TZ", now)}
            more = report.upload.as_dict() if report.upload else {}
            detail = {"detail": report.detail} if report.detail else {}
            typer.echo(json.dumps({**said, **detail, **more}))
        else:
            typer.echo(f"{time.strftime('%T', now)} {_words(report)}")


def _words(report: Report) -> str:
    upload = report.upload
    if upload is None:
        return f"{report.what}: {report.detail}"
    why = f"  {upload.code}: {upload.detail}" if upload.state == "refused" else ""
    tag = upload.tag or "-"
    size = size_text(upload.size)
    return f"{upload.state:<10} {tag:<10} {size:>9}  {upload.path}{why}"


def _summary(watching: Watch) -> str:
    counts = watching.counts
    words = [f"{counts[name]} {name}" for name in ("registered", "known", "refused")]
    return ", ".join(words)
