"""Commands that move files: put, register, get, log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from musewise.cli.options import Common, command, finish_in_part
from musewise.display.bars import PutBar
from musewise.display.formats import size_text
from musewise.display.tables import refusals_table, uploads_view
from musewise.errors import UsageError
from musewise.registration import read_rows
from musewise.results import Frame
from musewise.session import Session
from musewise.uploads import State, Upload, ask_catalog, files_below


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "put", put)
    command(app, "register", register)
    command(app, "get", get)
    command(app, "log", log)


@dataclass(frozen=True)
class PutOptions:
    """What to put, and how."""

    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files, or folders with FITS files."),
    ]
    project: Annotated[str | None, typer.Option(help="Project they belong to.")] = None
    copy: Annotated[
        bool,
        typer.Option("--copy", help="Send the bytes also to a server on this machine."),
    ] = False


def put(wanted: PutOptions, common: Common) -> None:
    """Put files in, and say what became of each. Doing it twice is harmless."""
    files = files_below(wanted.paths)
    size = sum(path.stat().st_size for path in files)
    with common.connect() as muse, PutBar(len(files), size) as bar:
        uploader = muse.uploader(wanted.project, copy=wanted.copy, moved=bar.moved)
        stored: list[Upload] = []
        for upload in uploader.put(files):
            stored.append(upload)
            bar.landed()
        uploads = ask_catalog(
            muse.connection,
            stored,
            poll_s=min(0.5, common.surroundings.poll_s),
            told=bar.told,
        )
    uploads.sort(key=lambda one: str(one.path))
    common.show(_put_data(uploads), lambda: uploads_view(uploads))
    counts = Counter(one.state for one in uploads)
    common.note(
        f"{len(files)} files, {size_text(size)}: {counts['registered']} registered, "
        f"{counts['known']} known before, {counts['refused']} refused"
        + (f", {counts['pending']} still pending" if counts["pending"] else "")
    )
    finish_in_part(counts["refused"], len(files))


def _put_data(uploads: list[Upload]) -> dict[str, object]:
    counts = Counter(one.state for one in uploads)
    states: tuple[State, ...] = ("registered", "known", "refused", "pending")
    return {
        **{state: counts[state] for state in states},
        "files": [one.as_dict() for one in uploads],
    }


@dataclass(frozen=True)
class RegisterOptions:
    """Which tables to read, and what they hold."""

    tables: Annotated[
        list[Path], typer.Argument(metavar="FILE.csv...", help="One row per frame.")
    ]
    kind: Annotated[
        str | None,
        typer.Option(help="raw or static; else static where there is a column tag."),
    ] = None
    project: Annotated[str | None, typer.Option(help="Project they belong to.")] = None


def register(wanted: RegisterOptions, common: Common) -> None:
    """Register frames by their metadata only: they can be planned with, not reduced."""
    rows = [row for table in wanted.tables for row in read_rows(table, wanted.kind)]
    with common.connect() as muse:
        done = muse.register(rows, wanted.project)
    counts = Counter(str(row["state"]) for row in done)
    refused = [row for row in done if row["state"] == "refused"]

    def view() -> RenderableType:
        words = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        line = Text(f"{len(done)} rows: {words}")
        return Group(line, refusals_table(refused)) if refused else line

    common.show({**counts, "rows": done}, view)
    finish_in_part(len(refused), len(done))


@dataclass(frozen=True)
class GetOptions:
    """What to fetch, and where to."""

    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Of frames or products."),
    ]
    query: Annotated[
        bool,
        typer.Option("--query", help="Not ids, but a class and a condition."),
    ] = False
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder, or the file's new name.")
    ] = field(default=Path())
    log: Annotated[
        bool, typer.Option("--log", help="The recipe's log instead of the product.")
    ] = False
    jobs: Annotated[int, typer.Option(min=1, max=32, help="So many at a time.")] = 4
    wait: Annotated[
        bool, typer.Option("--wait", help="For files whose site does not answer.")
    ] = False


def get(wanted: GetOptions, common: Common) -> None:
    """Download files; goes on where it broke off, and checks the sha256."""
    with common.connect() as muse:
        if wanted.query or len(wanted.ids) > 1:
            _get_many(muse, wanted, common)
            return
        frame = muse.frame(wanted.ids[0])
        if wanted.log:
            name = f"{Path(frame.filename or frame.frame_id).stem}.log"
            place = wanted.output / name if wanted.output.is_dir() else wanted.output
            place.write_text(muse.log(frame.frame_id))
        else:
            bar = not common.as_json
            place = muse.get(
                frame.frame_id, wanted.output, progress=bar, wait=wanted.wait
            )
    size = place.stat().st_size
    data = {"path": str(place), "size": size, "frame_id": frame.frame_id}
    checked = "" if wanted.log else ", sha256 as in the catalog"
    common.show(
        {**data, "sha256": frame.sha256 if not wanted.log else None},
        lambda: Text(f"{place}  {size_text(size)}{checked}", overflow="fold"),
    )


def _get_many(muse: Session, wanted: GetOptions, common: Common) -> None:
    if wanted.log:
        raise UsageError("--log is of one product.", hint="Give one id.")
    if wanted.query:
        frame_class, where = (*wanted.ids, None)[:2]
        frames: Iterable[Frame] = muse.query(frame_class, where)
    else:
        frames = [muse.frame(one) for one in wanted.ids]
    paths = muse.retrieve(
        frames,
        wanted.output,
        jobs=wanted.jobs,
        progress=not common.as_json,
        wait=wanted.wait,
    )
    rows = [{"path": str(path), "size": path.stat().st_size} for path in paths]
    common.show(rows, lambda: Text("\n".join(str(path) for path in paths)))


def log(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Product or task.")],
    common: Common,
    grep: Annotated[str | None, typer.Option(help="Only lines with this.")] = None,
) -> None:
    """Show the log of the recipe run that made a product."""
    with common.connect() as muse:
        text = muse.log(id_)
    lines = [one for one in text.splitlines() if (grep or "").lower() in one.lower()]
    if common.as_json:
        common.show({"id": id_, "lines": lines}, Text)
        return
    typer.echo("\n".join(lines))
