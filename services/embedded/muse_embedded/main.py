"""The command ``musewise-server``: everything in one process tree, and the demo."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from muse_embedded.commands import serve as serve_commands
from muse_embedded.services import KINDS
from musecore.errors import MuseError
from musecore.log import configure

__all__ = ["cli"]

cli = typer.Typer(
    help="Run musewise: all services in one process tree, or each alone.",
    no_args_is_help=True,
)
serve_commands.add_to(cli)
if not {*KINDS, "up", "demo"} & set(sys.argv[1:2]):  # they start without these
    from muse_embedded.commands import admin, backup, dead, migrate, rescore

    migrate.add_to(cli)
    backup.add_to(cli)
    rescore.add_to(cli)
    cli.add_typer(admin.app, name="admin", rich_help_panel="Administration")
    cli.add_typer(dead.app, name="dead", rich_help_panel="Administration")
console = Console()


def _give_up(error: MuseError) -> typer.Exit:
    console.print(f"[red]{error.title}:[/red] {error.detail}", highlight=False)
    if error.hint:
        console.print(error.hint, highlight=False)
    return typer.Exit(1)


@cli.command()
def up(
    directory: Annotated[
        Path, typer.Option("--dir", help="Folder of everything that is kept.")
    ] = Path("data"),
    port: Annotated[int, typer.Option(help="0 chooses a free one.")] = 8642,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    slots: Annotated[int, typer.Option(help="Recipes at the same time.")] = 2,
    log_json: Annotated[bool, typer.Option(help="Log lines as JSON.")] = False,
) -> None:
    """Serve catalog, scheduler, storage, auth and a worker until Ctrl-C."""
    from muse_embedded.server import serve
    from muse_embedded.settings import EmbeddedSettings

    settings = EmbeddedSettings(
        dir=directory.absolute(), port=port, host=host, slots=slots
    )
    configure(settings.log_level, json=log_json)
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(serve(settings, console))
    except MuseError as error:
        raise _give_up(error) from error


@cli.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Folder.")] = Path(".demo"),
    ifus: Annotated[
        str | None, typer.Option(help="12 by default; 1,2,3 or 1-24 for more.")
    ] = None,
) -> None:
    """Simulate a night, reduce it to a cube, compare it with the truth."""
    from muse_embedded.demo import run_demo
    from muse_embedded.scenario import choose

    try:
        run_demo(choose(ifus), directory.absolute(), console)
    except MuseError as error:
        raise _give_up(error) from error


if __name__ == "__main__":
    cli()
