"""``musewise-server admin``: accounts and projects, straight in auth's tables.

A secret is printed once, alone on stdout; all else goes to stderr.
"""

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from muse_auth.models import Name as NameRule
from muse_auth.service import Administration
from muse_auth.service.administration import Made
from muse_embedded.commands.answers import logs_of, running
from muse_embedded.commands.serve import Config
from muse_embedded.settings import AdminSettings
from musecore.db import Database, require_current
from musecore.settings import SettingInvalid

__all__ = ["app"]

_Answer = TypeVar("_Answer")

app = typer.Typer(
    help="Make accounts and projects (works on the database of auth).",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the account.")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="Take the secret from this file; - is stdin."),
]


def _administer(
    config: Path | None, work: Callable[[Administration], Awaitable[_Answer]]
) -> _Answer:
    async def run() -> _Answer:
        settings = AdminSettings.load(config)
        logs_of(settings)
        database = Database(settings.database, "auth", pool_size=1)
        try:
            await require_current(database, "muse_auth")
            return await work(Administration(database, f"admin {_who()}"))
        finally:
            await database.close()

    return running(run())


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _secret(path: Path | None) -> str | None:
    if path is None:
        return None
    text = typer.get_text_stream("stdin").read() if str(path) == "-" else _read(path)
    if len(text.strip()) < 12:
        raise SettingInvalid(
            f"The secret in {path} is too short.", hint="Give 12 characters or more."
        )
    return text.strip()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise SettingInvalid(f"{path} cannot be read: {error.strerror}.") from error


def _checked(name: str) -> str:
    try:
        return TypeAdapter(NameRule).validate_python(name)
    except ValidationError as error:
        raise SettingInvalid(
            f"{name!r} cannot be a name.",
            hint="Use small letters, digits, _, . and -, 63 at most.",
        ) from error


def _tell(name: str, made: Made, given: Path | None) -> None:
    typer.echo(f"{name}: {'made' if made.new else 'was there'}", err=True)
    if made.secret is None:
        typer.echo(
            f"Its secret stays; another one: musewise-server admin reset-secret {name}",
            err=True,
        )
    elif given is None:
        typer.echo("Its secret, shown this once:", err=True)
        typer.echo(made.secret)


@app.command()
def create(
    name: Name,
    config: Config = None,
    secret_file: SecretFile = None,
    project: Annotated[
        str | None, typer.Option(help="Also make this project, owned by them.")
    ] = None,
) -> None:
    """Make an administrator, and print the secret once."""

    async def work(administration: Administration) -> Made:
        made = await administration.make_administrator(
            _checked(name), _secret(secret_file)
        )
        if project is not None:
            await administration.make_project(_checked(project), name)
        return made

    _tell(name, _administer(config, work), secret_file)


@app.command("service-account")
def service_account(
    name: Name, config: Config = None, secret_file: SecretFile = None
) -> None:
    """Make the account of a service, and print the secret once."""

    async def work(administration: Administration) -> Made:
        return await administration.make_service_account(
            _checked(name), _secret(secret_file)
        )

    _tell(name, _administer(config, work), secret_file)


@app.command("reset-secret")
def reset_secret(
    name: Name, config: Config = None, secret_file: SecretFile = None
) -> None:
    """Give an account another secret; the old one ends at once."""

    async def work(administration: Administration) -> Made:
        return await administration.reset_secret(name, _secret(secret_file))

    _tell(name, _administer(config, work), secret_file)


@app.command()
def project(
    name: Annotated[str, typer.Argument(help="Name of the project.")],
    owner: Annotated[str, typer.Option(help="Account that owns it.")],
    config: Config = None,
) -> None:
    """Make a project, or give it a further owner."""

    async def work(administration: Administration) -> bool:
        return await administration.make_project(_checked(name), owner)

    new = _administer(config, work)
    said = "made" if new else "was there"
    typer.echo(f"project {name}: {said}; {owner} owns it", err=True)
