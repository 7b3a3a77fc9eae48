"""Answers of the shell as files, as CSV, in groups; and facets."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from musewise.cli.options import Common, command
from musewise.cli.queries import Asked, show_columns
from musewise.display.tables import grid, plain
from musewise.errors import UsageError, nearest
from musewise.exports import FORMATS, pieces
from musewise.query import Query, parts

__all__ = ["Output", "add_to"]

BINARY = ("fits", "parquet")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "facets", facets)


@dataclass(frozen=True)
class Output:
    """How an answer is written, and whether in groups."""

    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="|".join(FORMATS), help="As a file of this."),
    ] = None
    csv: Annotated[bool, typer.Option("--csv", help="The same as --format csv.")] = (
        False
    )
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Into this file; else stdout.")
    ] = None
    group: Annotated[
        str | None, typer.Option(help="A row for each of these, as ins_mode,nifu.")
    ] = None
    agg: Annotated[
        str | None,
        typer.Option(help="Of each group, as n=count,fwhm=median(fwhm)."),
    ] = None

    @property
    def wanted(self) -> bool:
        """Whether the answer is something else than a listing of frames."""
        return bool(self._name or self.output or self.group or self.agg)

    @property
    def _name(self) -> str | None:
        return "csv" if self.csv and not self.format_ else self.format_

    def write(self, query: Query, common: Common, limit: int | None) -> None:
        """Write the answer: a file, or a table of groups.

        Raises
        ------
        UsageError
            The format is none, or its bytes would go to a terminal.
        """
        if self.group or self.agg:
            query = (
                query.group_by(*parts(self.group))
                .agg_text(self.agg)
                .order_by(*query.order)
            )
        if self._name is None and self.output is None:
            show_columns(query, common, limit or 100)
            return
        name = self._name or _format_of(self.output)
        asked = query if limit is None else query.limit(limit)
        if self.output is not None:
            path = asked.to_file(self.output, name)
            common.note(f"{path}: {path.stat().st_size} bytes")
            return
        _to_stdout(asked, name)


def _format_of(path: Path | None) -> str:
    """Give the format that the name of a file says."""
    suffix = "" if path is None else path.suffix.lstrip(".")
    name = {"vot": "votable", "xml": "votable", "sh": "wget"}.get(suffix, suffix)
    if name not in FORMATS:
        raise UsageError(
            f"{path} says no format.{nearest(name, FORMATS)}",
            hint=f"Give --format {' | '.join(FORMATS)}.",
        )
    return name


def _to_stdout(query: Query, name: str) -> None:
    if name in BINARY and sys.stdout.isatty():
        raise UsageError(f"{name} is no text.", hint="Give a file: -o FILE")
    out = typer.get_binary_stream("stdout")
    for piece in pieces(query, name):
        out.write(piece)
    out.flush()


def facets(
    asked: Asked,
    common: Common,
    by: Annotated[str, typer.Option(help="Attributes, as ins_mode,target.")],
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="So many values of each.")
    ] = 20,
) -> None:
    """Show the values of attributes, and how many objects have each."""
    with common.connect() as muse:
        found = asked.query(muse).facets(*parts(by), limit=limit)
    data = {
        name: [{"value": value, "count": count} for value, count in values.items()]
        for name, values in found.items()
    }

    def view() -> RenderableType:
        return Group(*(_table(name, values) for name, values in data.items()))

    common.show(data, view)


def _table(name: str, values: list[dict[str, Any]]) -> RenderableType:
    table = grid(name, "objects")
    for one in values:
        value = one["value"]
        shown = value if isinstance(value, str) else json.dumps(value)
        table.add_row(plain("(unknown)" if value is None else shown), str(one["count"]))
    return table
