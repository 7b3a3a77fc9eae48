"""``musewise-server dead``: messages that were given up, for a person to deal with.

What was asked for goes to stdout; notes and questions go to stderr.
"""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from muse_embedded.commands.answers import logs_of, running, spoken
from muse_embedded.commands.letters import facts, listing, told
from muse_embedded.commands.serve import Config
from muse_embedded.graves import (
    Graves,
    LetterAmbiguous,
    by_queue,
    chosen,
    of_folder,
    of_rabbit,
    workers_of,
)
from muse_embedded.settings import AdminSettings
from musecore.broker import LOST, DeadLetter
from musecore.errors import MuseError
from musecore.settings import SettingInvalid, SettingMissing
from musewise.display.consoles import out

__all__ = ["app"]

_Answer = TypeVar("_Answer")

app = typer.Typer(
    help="Look at messages that were given up; send them again or drop them.",
    no_args_is_help=True,
)

Queues = Annotated[
    list[str] | None,
    typer.Option("--queue", help="Only this queue (again for more); else all."),
]
Workers = Annotated[
    list[str] | None,
    typer.Option(
        "--worker",
        help="Also the queue of this worker, where admin_database_url does not tell.",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--dir", help="Of an embedded server in this folder, not of RabbitMQ."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Ids of messages, or the beginnings of them."),
]
All = Annotated[bool, typer.Option("--all", help="All of the queues named by --queue.")]


@dataclass(frozen=True)
class Place:
    """Where to look."""

    config: Path | None
    folder: Path | None
    queues: Sequence[str]
    workers: Sequence[str] = ()

    def run(
        self, work: Callable[[Graves], Awaitable[_Answer]], *, to_change: bool = False
    ) -> _Answer:
        """Do something with the dead letters there; ends with a sentence if it fails."""

        async def opened() -> _Answer:
            async with self._open(to_change=to_change) as graves:
                return await work(graves)

        return running(opened())

    def _open(self, *, to_change: bool) -> AbstractAsyncContextManager[Graves]:
        if self.folder is not None:
            return of_folder(self.folder, self.queues, to_change=to_change)
        return self._rabbit()

    @asynccontextmanager
    async def _rabbit(self) -> AsyncIterator[Graves]:
        settings = AdminSettings.load(self.config)
        logs_of(settings)
        if settings.broker_url is None:
            raise SettingMissing(
                "Where are the dead letters? The setting broker_url has no value.",
                hint="Name the settings file of the services (--config), set "
                "MUSEWISE_BROKER_URL, or name the folder of an embedded server (--dir).",
            )

        async def workers() -> set[str]:
            return {*self.workers, *await _known_workers(settings)}

        url = settings.need("broker_url")
        with _silent("musecore.broker", "aiormq", "aio_pika"):
            async with of_rabbit(url, self.queues, workers) as graves:
                yield graves


@contextmanager
def _silent(*names: str) -> Iterator[None]:
    """Let these loggers say nothing: what goes wrong is said once, at the end."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


async def _known_workers(settings: AdminSettings) -> list[str]:
    try:
        return await workers_of(settings)
    except MuseError as error:
        typer.echo(f"Workers are not known. {error.detail}", err=True)
        typer.echo("Their own queues are looked at with --worker NAME.", err=True)
        return []


@app.command("list")
def list_(
    queue: Queues = None,
    worker: Workers = None,
    directory: Folder = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """List the messages that were given up, oldest first, with the reason."""
    place = Place(config, directory, queue or (), worker or ())

    async def work(graves: Graves) -> tuple[list[DeadLetter], int]:
        return await graves.letters(), await graves.lost()

    letters, lost = place.run(work)
    if lost:
        typer.echo(
            f"{lost} more in {LOST}: their queues were deleted while they waited. "
            "Look at them with RabbitMQ's own tools.",
            err=True,
        )
    if as_json:
        typer.echo(json.dumps([facts(letter) for letter in letters], indent=1))
    elif letters:
        out().print(listing(letters))
    else:
        typer.echo("No dead letters.")


@app.command()
def show(
    message: Annotated[
        str, typer.Argument(metavar="ID", help="Id of a message, or its beginning.")
    ],
    queue: Queues = None,
    worker: Workers = None,
    directory: Folder = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show a message whole, why it was given up, and what to do next."""
    place = Place(config, directory, queue or (), worker or ())
    letters = _chosen(place, [message])
    if as_json:
        whole = [facts(letter, whole=True) for letter in letters]
        typer.echo(json.dumps(whole, indent=1))
        return
    for letter in letters:
        typer.echo(told(letter, directory))


@app.command()
def requeue(
    ids: Ids = None,
    every: All = False,
    queue: Queues = None,
    worker: Workers = None,
    directory: Folder = None,
    config: Config = None,
) -> None:
    """Put messages back into their queues, as if they had never been delivered."""
    place = Place(config, directory, queue or (), worker or ())
    letters = _to_change(place, ids or [], every=every)
    place.run(lambda graves: graves.requeue(letters), to_change=True)
    _tell("requeued", letters)


@app.command()
def drop(
    ids: Ids = None,
    every: All = False,
    queue: Queues = None,
    worker: Workers = None,
    directory: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Throw messages away, for good."""
    place = Place(config, directory, queue or (), worker or ())
    letters = _to_change(place, ids or [], every=every)
    if letters and not yes:
        _ask(letters)
    place.run(lambda graves: graves.drop(letters), to_change=True)
    _tell("dropped", letters)


def _chosen(place: Place, ids: Sequence[str]) -> list[DeadLetter]:
    async def work(graves: Graves) -> list[DeadLetter]:
        there = await graves.letters()
        found = [letter for wanted in ids for letter in chosen(there, wanted)]
        return list(
            {(one.queue, one.message.message_id): one for one in found}.values()
        )

    return place.run(work)


def _to_change(place: Place, ids: Sequence[str], *, every: bool) -> list[DeadLetter]:
    """Give the letters that are meant, each in one queue."""
    if every == bool(ids):
        raise spoken(
            SettingInvalid("Name messages by their ids, or --all: one of them.")
        )
    if every and not place.queues:
        raise spoken(SettingInvalid("--all needs a queue: --all --queue NAME."))
    if every:
        return place.run(lambda graves: graves.letters())
    letters = _chosen(place, ids)
    for letter in letters:
        same = [o for o in letters if o.message.message_id == letter.message.message_id]
        if len(same) > 1:
            queues = ", ".join(sorted(one.queue for one in same))
            raise spoken(
                LetterAmbiguous(
                    f"Several queues gave {letter.message.message_id} up: {queues}.",
                    hint="Say which one you mean: --queue NAME.",
                )
            )
    return letters


def _ask(letters: Sequence[DeadLetter]) -> None:
    out().print(listing(letters))
    for queue, meant in by_queue(letters).items():
        typer.echo(f"{queue}: {facts(meant[0])['if_dropped']}", err=True)
    typer.confirm(f"Drop {_number(letters)}?", abort=True, err=True)


def _tell(done: str, letters: Sequence[DeadLetter]) -> None:
    if not letters:
        typer.echo("No dead letters there; nothing was done.")
    for queue, those in by_queue(letters).items():
        typer.echo(f"{queue}: {done} {_number(those)}")


def _number(letters: Sequence[DeadLetter]) -> str:
    return f"{len(letters)} message{'' if len(letters) == 1 else 's'}"
