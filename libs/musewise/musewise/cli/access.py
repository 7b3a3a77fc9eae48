"""Commands about who may what: token, request-access, access-requests."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from musewise.cli.options import Common, command
from musewise.display.tables import grid, plain

__all__ = ["add_to"]

Project = Annotated[str, typer.Argument(metavar="PROJECT")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, "token", token)
    command(app, "request-access", request_access)
    command(app, "access-requests", access_requests)


def token(common: Common) -> None:
    """Print the token that is sent, for curl, wget and the scripts of `ls`."""
    with common.connect() as muse:
        found = muse.connection.token()
    if common.as_json:
        common.show({"token": found}, str)
    else:
        typer.echo(found)


def request_access(
    project: Project,
    common: Common,
    reason: Annotated[str, typer.Option(help="What the owners read.")] = "",
) -> None:
    """Ask the owners of a project to be let in."""
    with common.connect() as muse:
        made = muse.request_access(project, reason)
    common.show(
        made.model_dump(mode="json"),
        lambda: Text(f"The owners of {project} see that {made.name} asks."),
    )


def access_requests(project: Project, common: Common) -> None:
    """List who asks to be let into a project of yours."""
    with common.connect() as muse:
        found = muse.access_requests(project)

    def view() -> RenderableType:
        table = grid("account", "name", "since", "reason", fold=["reason"])
        for one in found:
            table.add_row(
                plain(one.subject),
                plain(one.name),
                plain(one.created_at[:16]),
                plain(one.reason),
            )
        return table if found else Text("Nobody asks.", style="dim")

    common.show([one.model_dump(mode="json") for one in found], view)
