"""``musewise-server migrate``: schemas and roles of the services with tables."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from muse_embedded.commands.answers import logs_of, running
from muse_embedded.commands.serve import Config
from muse_embedded.services import OWNERS, Owner, settings_class
from muse_embedded.settings import AdminSettings
from musecore.db import Database, Login, grant_role, login_of, revisions, upgrade
from musecore.settings import SettingInvalid

__all__ = ["add_to", "login", "owners_of"]

OUTDATED = 3


def owners_of(names: Sequence[str]) -> list[Owner]:
    """Give the services with tables of these names (or names of schemas), or all.

    Raises
    ------
    SettingInvalid
        No service of this name has tables.
    """
    chosen = []
    for name in names:
        found = [one for one in OWNERS if name in (one.service, one.schema)]
        if not found:
            known = [one.service for one in OWNERS]
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingInvalid(
                f"No service {name!r} has tables.",
                hint=f"Did you mean {near[0]}?"
                if near
                else f"There are: {', '.join(known)}.",
            )
        chosen += found
    return chosen or list(OWNERS)


def login(owner: Owner, config: Path | None, admin_url: str) -> Login:
    """Give the role of a service: the one in its own database_url, or our usual one."""
    settings = settings_class(owner.service).load(config, secrets=["database_url"])
    admin = login_of(admin_url)
    if settings.database_url is not None:
        own = login_of(settings.database_url.get_secret_value())
        if own is not None and (admin is None or own.role != admin.role):
            return own
    return Login(f"musewise_{owner.schema}")


async def _migrate(
    url: str, owners: Sequence[Owner], config: Path | None, *, roles: bool
) -> None:
    for owner in owners:
        database = Database(url, owner.schema, pool_size=1)
        try:
            before, want = await revisions(database, owner.package)
            await upgrade(database, owner.package)
            said = (
                "is current" if before == want else f"{before or 'nothing'} -> {want}"
            )
            role = ""
            if roles:
                own = login(owner, config, url)
                await grant_role(database, own)
                role = f", role {own.role}"
            typer.echo(f"{owner.service}: schema {owner.schema} {said}{role}")
        finally:
            await database.close()


async def _check(url: str, owners: Sequence[Owner]) -> bool:
    current = True
    for owner in owners:
        database = Database(url, owner.schema, pool_size=1)
        try:
            have, want = await revisions(database, owner.package)
        finally:
            await database.close()
        current &= have == want
        stands = (
            "is current"
            if have == want
            else f"needs {want}, and {f'stands at {have}' if have else 'is missing'}"
        )
        typer.echo(f"{owner.service}: schema {owner.schema} {stands}")
    return current


def migrate(
    services: Annotated[
        list[str] | None, typer.Argument(help="Services; all if none is named.")
    ] = None,
    config: Config = None,
    every: Annotated[bool, typer.Option("--all", help="All services.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; status 3 if one is old.")
    ] = False,
    roles: Annotated[bool, typer.Option(help="Make a role per service.")] = True,
) -> None:
    """Bring schemas up to date, and give each service a role that sees only its own."""

    async def work() -> bool:
        settings = AdminSettings.load(config)
        logs_of(settings)
        owners = owners_of([] if every else services or [])
        if check:
            return await _check(settings.database, owners)
        await _migrate(settings.database, owners, config, roles=roles)
        return True

    if not running(work()):
        typer.echo("Run: musewise-server migrate", err=True)
        raise typer.Exit(OUTDATED)


def add_to(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("migrate", rich_help_panel="Administration")(migrate)
