"""``musewise-server catalog | scheduler | worker | …``: one service as a process."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from muse_embedded.services import KINDS, run_service

__all__ = ["Config", "add_to"]

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="Settings file (TOML); also MUSEWISE_CONFIG. Environment wins."
    ),
]


def _command(name: str) -> Callable[..., None]:
    def run(
        config: Config = None,
        host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
        port: Annotated[int | None, typer.Option(help="0 chooses a free one.")] = None,
        card: Annotated[
            Path | None,
            typer.Option(help="File that says url and pid while it serves."),
        ] = None,
    ) -> None:
        run_service(name, config, host=host, port=port, card=card)

    run.__doc__ = KINDS[name]
    return run


def add_to(cli: typer.Typer) -> None:
    """Add one command per service."""
    for name in KINDS:
        cli.command(name, rich_help_panel="One service alone")(_command(name))
