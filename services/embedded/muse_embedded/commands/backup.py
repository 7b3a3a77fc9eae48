"""``musewise-server backup | restore``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from muse_embedded.backups import Backup, check_objects, restore, take_backup
from muse_embedded.commands.answers import logs_of, running
from muse_embedded.commands.migrate import login
from muse_embedded.commands.serve import Config
from muse_embedded.services import OWNERS
from muse_embedded.settings import AdminSettings
from musecore.db import Database, grant_role
from musecore.serving import blobs_of

__all__ = ["add_to"]

LACKING = 4

Folder = Annotated[Path, typer.Argument(help="Folder of the backup.")]


def _backup(
    folder: Folder,
    config: Config = None,
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", help="Keep auth's signing key in it, too."),
    ] = None,
) -> None:
    """Write every schema, as it is at one moment, into a folder; services go on."""

    async def work() -> Backup:
        settings = AdminSettings.load(config)
        logs_of(settings)
        return await take_backup(settings.database, folder, signing_key)

    _tell(folder, running(work()))


def _restore(
    folder: Folder,
    config: Config = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Lose the data that is there.")
    ] = False,
    objects: Annotated[
        bool,
        typer.Option("--check-objects", help="Look for every object in blobs_url."),
    ] = False,
    sums: Annotated[
        bool, typer.Option("--sums", help="Read the objects to check their sums.")
    ] = False,
    resend_minutes: Annotated[
        float,
        typer.Option(help="Messages of so long before the backup are sent again."),
    ] = 60.0,
) -> None:
    """Put a backup into a database, in its newest form; stop the services first."""

    async def work() -> tuple[Backup, int]:
        settings = AdminSettings.load(config)
        logs_of(settings)
        done = await restore(
            settings.database,
            folder,
            replace=replace,
            resend=timedelta(minutes=resend_minutes),
        )
        await _grant(settings.database, config)
        return done, await _look(settings, folder, sums=sums) if objects else 0

    done, lacking = running(work())
    _tell(folder, done)
    if lacking:
        raise typer.Exit(LACKING)


async def _grant(url: str, config: Path | None) -> None:
    for owner in OWNERS:
        database = Database(url, owner.schema, pool_size=1)
        try:
            await grant_role(database, login(owner, config, url))
        finally:
            await database.close()


async def _look(settings: AdminSettings, folder: Path, *, sums: bool) -> int:
    blobs = blobs_of(settings.need("blobs_url"))
    try:
        number, lacking = await check_objects(folder, blobs, sums=sums)
    finally:
        await blobs.close()
    for one in lacking:
        typer.echo(f"{one.key} {one.why}")
    typer.echo(f"objects: {number - len(lacking)} of {number} as they should be")
    return len(lacking)


def _tell(folder: Path, backup: Backup) -> None:
    for copy in backup.schemas:
        rows = sum(table.rows for table in copy.tables)
        typer.echo(f"{copy.name}: revision {copy.revision}, {rows} rows")
    typer.echo(f"{folder}: as of {backup.taken_at:%Y-%m-%d %H:%M:%S} UTC")


def add_to(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command("backup", rich_help_panel="Administration")(_backup)
    cli.command("restore", rich_help_panel="Administration")(_restore)
