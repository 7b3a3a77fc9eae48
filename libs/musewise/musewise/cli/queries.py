"""Commands that ask the catalogue in its language: count, url, attributes, run, export."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text
from typing_extensions import override

from musewise import dpu
from musewise.classes import all_classes, object_class
from musewise.cli.completing import (
    attribute_lists,
    class_names,
    conditions,
    recipes,
)
from musewise.cli.options import Common, command, finish_with
from musewise.display.tables import grid, plain
from musewise.query import OR, Query, parts
from musewise.session import Session

__all__ = ["Asked", "Question", "add_to", "show_columns"]


_CLASS = re.compile(r"@.*|[\w-]+")
"""A class, or the name of a saved question; a condition has blanks, operators."""


@dataclass(frozen=True)
class Asked:
    """A class and a condition."""

    frame_class: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLASS]",
            help="As BIAS; or @NAME of a saved question. May be left out.",
            autocompletion=class_names,
        ),
    ] = None
    where: Annotated[
        str | None,
        typer.Argument(
            metavar="[CONDITION]",
            help="As 'night == 2014-01-31 & ron > 3.1', or 'target ~ \"HDFS*\"'.",
            autocompletion=conditions,
        ),
    ] = None

    project: Annotated[
        list[str] | None, typer.Option("--project", help="Only of this one.")
    ] = None

    @property
    def asked_for(self) -> tuple[str | None, str | None]:
        """Class and condition; a condition alone stands in the place of the class."""
        given = self.frame_class or ""
        if self.where is None and given and not _CLASS.fullmatch(given):
            return None, given
        return self.frame_class, self.where

    def query(self, session: Session) -> Query:
        """Give the question to a server; a condition narrows a saved one."""
        frame_class, where = self.asked_for
        if (frame_class or "").startswith("@"):
            asked = session.saved(str(frame_class))
            if where:
                asked &= Query(asked.tag, where, OR)
        else:
            asked = Query(frame_class, where, OR, session=session)
        return asked.in_project(*self.project) if self.project else asked


@dataclass(frozen=True)
class Question(Asked):
    """A class, a condition, an order and columns."""

    order: Annotated[
        str | None,
        typer.Option(
            help="As -ron,nifu: a minus is the largest first.",
            autocompletion=attribute_lists,
        ),
    ] = None
    cols: Annotated[
        str | None,
        typer.Option(
            help="Columns to show, as nifu,ron,filename.",
            autocompletion=attribute_lists,
        ),
    ] = None

    @override
    def query(self, session: Session) -> Query:
        """Give the question to a server; what is named replaces what was saved."""
        asked = super().query(session)
        if self.cols:
            asked = asked.select(*parts(self.cols))
        return asked.order_by(*parts(self.order)) if self.order else asked


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "count", count)
    command(app, "url", url)
    command(app, "attributes", attributes)
    command(app, "run", run)
    command(app, "export", export)


def count(asked: Asked, common: Common) -> None:
    """Count the objects that fit a condition."""
    with common.connect() as muse:
        found = asked.query(muse).counted()
    about = "" if found["exact"] else "about "
    common.show(
        found, lambda: Text(f"{about}{found['count']:,}".replace(",", "\u202f"))
    )


def url(asked: Asked, common: Common) -> None:
    """Give the address that asks the same."""
    with common.connect() as muse:
        address = asked.query(muse).url()
    if common.as_json:
        common.show({"url": address}, str)
    else:
        typer.echo(address)


def attributes(
    common: Common,
    frame_class: Annotated[
        str | None, typer.Argument(metavar="[CLASS]", autocompletion=class_names)
    ] = None,
    grep: Annotated[str, typer.Option(help="Only those with this word.")] = "",
) -> None:
    """Show what objects of a class can be asked for; without a class, all classes."""
    if frame_class is None:
        _classes(common, grep)
        return
    known = object_class(frame_class).attributes(grep)
    rows = [one.model_dump(include={"name", "type", "unit", "doc"}) for one in known]

    def view() -> RenderableType:
        table = grid("attribute", "type", "unit", "meaning", fold=["meaning"])
        for row in rows:
            table.add_row(*(plain(row[name] or "") for name in row))
        return table

    common.show(rows, view)
    finish_with(rows)


def _classes(common: Common, grep: str) -> None:
    known = [
        {"name": one.name, "kind": one.kind, "meaning": one.__doc__}
        for one in all_classes().values()
        if grep.lower() in f"{one.name} {one.__doc__}".lower()
    ]

    def view() -> RenderableType:
        table = grid("class", "kind", "meaning", fold=["meaning"])
        for row in known:
            table.add_row(*(plain(row[name] or "") for name in row))
        return table

    common.show(known, view)


def run(
    recipe: Annotated[
        str,
        typer.Argument(help="As scipost or muse_scipost.", autocompletion=recipes),
    ],
    common: Common,
    date: Annotated[str, typer.Option(help="UTC day of the exposures: 2014-12-08.")],
    p: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="Parameter.")
    ] = None,
    commit: Annotated[
        bool,
        typer.Option(
            "--commit/--trial", help="A trial is yours alone, and kept seven days."
        ),
    ] = True,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is done.")] = False,
) -> None:
    """Run a recipe on every exposure of a day, and what it needs before it."""
    given = {name: value for name, _, value in (one.partition("=") for one in p or [])}
    with common.connect() as muse:
        job = dpu.run(recipe, date=date, p=given, commit=commit, session=muse)
        if wait:
            job.wait(progress=not common.as_json)
    if common.as_json:
        common.show(job.record.model_dump(mode="json"), str)
        return
    typer.echo(job.job_id)
    common.note(f"musewise job {job.job_id[:8]} shows how it goes")


def export(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of a product.")],
    common: Common,
    folder: Annotated[Path, typer.Option("-o", "--output", help="A new folder.")],
) -> None:
    """Write all that a product is made of, to be made again by plain esorex."""
    with common.connect() as muse:
        made = muse.export(id_, folder, told=common.note)
    told = {
        "folder": str(made.folder),
        "product": made.product,
        "content_key": made.content_key,
        "files": made.files,
        "tasks": made.tasks,
    }
    common.show(
        told,
        lambda: Text(
            f"{made.files} files and {made.tasks} recipes; make it again with: "
            f"{made.folder}/run.sh"
        ),
    )


def show_columns(query: Query, common: Common, limit: int) -> None:
    """List the columns that a query names."""
    columns, rows = query.limit(limit + 1).table_rows()
    names = [one["name"] for one in columns]
    units = [one["unit"] for one in columns]
    shown = rows[:limit]

    def view() -> RenderableType:
        if not shown:
            return Text("No object fits.", style="dim")
        heads = [
            f"{name} [{unit}]" if unit not in (None, "1", "UTC") else name
            for name, unit in zip(names, units, strict=True)
        ]
        numbers = [
            head
            for head, one in zip(heads, columns, strict=True)
            if one["type"] in ("int", "float")
        ]
        table = grid(*heads, right=numbers)
        for row in shown:
            table.add_row(*(plain(_spoken(value)) for value in row))
        return table

    common.show([dict(zip(names, row, strict=True)) for row in shown], view)
    if len(rows) > limit:
        common.note(f"and more: --limit {limit * 10} shows them")
    finish_with(shown)


def _spoken(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value
