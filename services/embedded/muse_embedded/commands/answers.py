"""How commands give up: one sentence, what to do, and an exit status.

0 fine, 1 error, 2 a setting or the schema is missing or wrong.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

from musecore.errors import MuseError
from musecore.log import configure
from musecore.settings import MusewiseSettings, SettingInvalid, SettingMissing

__all__ = ["logs_of", "running", "spoken"]

_Answer = TypeVar("_Answer")

NOT_CONFIGURED = 2

_UNFIT = (SettingMissing.code, SettingInvalid.code, "schema_outdated")
"""By code: a worker knows of no schema, and starts without the database's packages."""


def spoken(error: MuseError) -> typer.Exit:
    """Say an error on stderr; give the exit that fits."""
    typer.echo(f"{error.title}: {error.detail}", err=True)
    if error.hint:
        typer.echo(error.hint, err=True)
    return typer.Exit(NOT_CONFIGURED if error.code in _UNFIT else 1)


def logs_of(settings: MusewiseSettings) -> None:
    """Set up logging as the settings say."""
    configure(settings.log_level, json=settings.log_json)
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def running(work: Coroutine[Any, Any, _Answer]) -> _Answer:
    """Run to the end; a `MuseError` becomes a sentence and an exit status."""
    try:
        return asyncio.run(work)
    except MuseError as error:
        raise spoken(error) from error
