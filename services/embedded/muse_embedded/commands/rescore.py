"""``musewise-server rescore``: QC values of the catalogue against the limits of now."""

from pathlib import Path
from typing import Annotated

import typer

from muse_catalog.main import PACKAGE, SCHEMA, limits_of
from muse_catalog.service import Rescored, Scoring
from muse_embedded.commands.answers import logs_of, running
from muse_embedded.commands.serve import Config
from muse_embedded.settings import AdminSettings
from musecore.db import Database, EmbeddedPostgres, require_current
from musecore.muse.schema import load
from musecore.settings import SettingInvalid

__all__ = ["add_to"]


def _embedded(folder: Path) -> str:
    """Give the database of an embedded server that runs."""
    postgres = EmbeddedPostgres(folder / "pg")
    if not (postgres.socket_dir / ".s.PGSQL.5432").exists():
        raise SettingInvalid(
            f"No embedded server runs on {folder}.",
            hint=f"Start it first: musewise-server up --dir {folder}",
        )
    return postgres.url()


def _rescore(
    config: Config = None,
    tag: Annotated[
        str | None, typer.Option("--class", help="Only products of this class.")
    ] = None,
    project: Annotated[str | None, typer.Option(help="Only of this project.")] = None,
    limits: Annotated[
        Path | None, typer.Option(help="File of limits, in place of those of now.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Data folder of an embedded server.")
    ] = None,
) -> None:
    """Score QC values by the limits of now, and set flags; old scores stay.

    Services go on. It may be broken off and run again.
    """

    async def work() -> Rescored:
        settings = AdminSettings.load(config)
        logs_of(settings)
        if tag is not None:
            load().frame_class(tag)
        known = limits_of(config, limits)
        url = settings.database if directory is None else _embedded(directory)
        database = Database(url, SCHEMA, pool_size=1)
        try:
            await require_current(database, PACKAGE)
            return await Scoring(database, known).rescore(tag=tag, project=project)
        finally:
            await database.close()

    done = running(work())
    typer.echo(
        f"limits of version {done.version}: {done.products} products, "
        f"{done.scores} scores, {done.changed} with other flags than before"
    )


def add_to(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("rescore", rich_help_panel="Administration")(_rescore)
