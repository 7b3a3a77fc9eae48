"""Commands that keep questions: saved, save, unsave."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from musewise.cli.options import Common, command
from musewise.cli.queries import Question
from musewise.display.tables import grid, plain

__all__ = ["add_to"]

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Or PROJECT/NAME in another project.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "saved", saved)
    command(app, "save", save)
    command(app, "unsave", unsave)


def saved(
    common: Common,
    project: Annotated[str | None, typer.Option(help="Of this project only.")] = None,
) -> None:
    """List the questions that your projects keep; ask one by: musewise ls @NAME."""
    with common.connect() as muse:
        rows = muse.saved_queries(project)

    def view() -> RenderableType:
        if not rows:
            return Text("No question is kept.", style="dim")
        table = grid("name", "class", "condition", "by", "version", "doc",
                     fold=["condition", "doc"])  # fmt: skip
        for row in rows:
            name = f"{row['project']}/{row['name']}"
            asked = row["query"].get("tag") or "", row["q"] or ""
            cells = (name, *asked, row["owner"], row["version"], row["doc"])
            table.add_row(*map(plain, cells))
        return table

    common.show(rows, view)


def save(
    name: Name,
    asked: Question,
    common: Common,
    doc: Annotated[str, typer.Option(help="What it is for.")] = "",
    replace: Annotated[
        int | None, typer.Option(metavar="VERSION", help="Replace this version.")
    ] = None,
) -> None:
    """Keep a question under a name, for all members of the project."""
    with common.connect() as muse:
        kept = muse.save(name, asked.query(muse), doc=doc, replace=replace)
    common.show(
        kept, lambda: Text(f"kept as version {kept['version']}: musewise ls @{name}")
    )


def unsave(name: Name, common: Common) -> None:
    """Forget a question; only its owner may."""
    with common.connect() as muse:
        muse.unsave(name)
    common.show({"forgotten": name}, lambda: Text("forgotten"))
