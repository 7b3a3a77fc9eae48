"""Dead letters of a whole fleet: found in every queue, sent again, thrown away."""

import difflib
import json
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from muse_embedded.settings import AdminSettings
from muse_scheduler.store import WorkerRegistry
from musecore.broker import (
    LOST,
    Broker,
    BrokerUnavailable,
    DeadLetter,
    DeadLetterNotFound,
    FleetQueue,
    LocalBroker,
    RabbitBroker,
    fleet_queues,
)
from musecore.db import Database, require_current
from musecore.errors import Conflict, NotFound
from musecore.muse.pools import load_pools
from musecore.settings import SettingInvalid

__all__ = [
    "Graves",
    "LetterAmbiguous",
    "QueueUnknown",
    "ServerRuns",
    "by_queue",
    "chosen",
    "of_folder",
    "of_rabbit",
    "queue_named",
    "workers_of",
]

_PATIENCE_S = 5.0
_SHORTEST = 4  # characters of an id


class QueueUnknown(NotFound):
    """No queue of the fleet has, or can have, this name."""

    code = "queue_unknown"


class LetterAmbiguous(Conflict):
    """A short id fits several dead letters, or one lies in several queues."""

    code = "dead_letter_ambiguous"


class ServerRuns(Conflict):
    """The broker of this folder is in use by its server."""

    code = "server_runs"


@dataclass(frozen=True)
class Graves:
    """The dead letters of some queues.

    Attributes
    ----------
    queues
        Where to look; queues that are not there have none.
    """

    broker: Broker
    queues: tuple[FleetQueue, ...]

    async def letters(self) -> list[DeadLetter]:
        """List all, oldest first."""
        found = [
            letter
            for queue in self.queues
            for letter in await self.broker.dead_letters(queue.name)
        ]
        return sorted(found, key=lambda letter: (letter.time, letter.queue))

    async def lost(self) -> int:
        """Count delayed messages whose queue was deleted meanwhile."""
        return await self.broker.depth(LOST)

    async def requeue(self, letters: Iterable[DeadLetter]) -> None:
        """Put letters back into their queues; raises `DeadLetterNotFound`."""

        async def again(queue: str, ids: Sequence[str]) -> None:
            described = queue_named(queue)  # else a deleted queue would lose them
            await self.broker.declare(queue, described.hears)
            await self.broker.requeue_dead(queue, *ids)

        await _each_queue(letters, again)

    async def drop(self, letters: Iterable[DeadLetter]) -> None:
        """Throw letters away; raises `DeadLetterNotFound`."""

        async def forget(queue: str, ids: Sequence[str]) -> None:
            await self.broker.drop_dead(queue, *ids)

        await _each_queue(letters, forget)


def by_queue(letters: Iterable[DeadLetter]) -> dict[str, list[DeadLetter]]:
    """Sort letters by queue."""
    sorted_: defaultdict[str, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        sorted_[letter.queue].append(letter)
    return dict(sorted_)


async def _each_queue(
    letters: Iterable[DeadLetter],
    act: Callable[[str, Sequence[str]], Awaitable[None]],
) -> None:
    for queue, those in by_queue(letters).items():
        await act(queue, [letter.message.message_id for letter in those])


# -- which letters, which queues
def chosen(letters: Sequence[DeadLetter], wanted: str) -> list[DeadLetter]:
    """Give the letters of one message by its id or the beginning of it.

    They are several when several queues gave the message up.

    Raises
    ------
    DeadLetterNotFound
        With the nearest id that there is.
    LetterAmbiguous
        Several messages begin like this.
    """
    asked = wanted.strip().lower()
    ids = {letter.message.message_id for letter in letters}
    fits = sorted(one for one in ids if one.lower().startswith(asked))
    if asked in fits:
        fits = [asked]
    if len(asked) < _SHORTEST or not fits:
        raise _no_letter(wanted, ids)
    if len(fits) > 1:
        raise LetterAmbiguous(
            f"{len(fits)} dead letters have ids that begin with {wanted!r}.",
            hint="Say more of it: " + ", ".join(fits[:5]),
        )
    return [letter for letter in letters if letter.message.message_id == fits[0]]


def _no_letter(wanted: str, ids: Iterable[str]) -> DeadLetterNotFound:
    known = sorted(ids)
    near = difflib.get_close_matches(wanted.lower(), known, n=1, cutoff=0.3)
    if not known:
        hint = "There are no dead letters where I looked."
    elif near:
        hint = f"The nearest is {near[0]}; all: musewise-server dead list."
    else:
        hint = f"There are {len(known)}: musewise-server dead list."
    return DeadLetterNotFound(f"No dead letter has the id {wanted!r}.", hint=hint)


def queue_named(name: str) -> FleetQueue:
    """Give a queue that is in the fleet, or would be if it had a worker of this name.

    Raises
    ------
    QueueUnknown
        With the nearest name.
    """
    queue = fleet_queues().named(name)
    if queue is not None and not queue.fleeting:
        return queue
    known = [one.name for one in _durable(())]
    near = difflib.get_close_matches(name, known, n=1)
    raise QueueUnknown(
        f"No queue {name!r} can have dead letters.",
        hint=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}.",
    )


def _durable(workers: Iterable[str]) -> tuple[FleetQueue, ...]:
    described = fleet_queues().of_fleet(pools=load_pools().names, workers=workers)
    return tuple(queue for queue in described if not queue.fleeting)


async def workers_of(settings: AdminSettings) -> list[str]:
    """Ask the scheduler's tables for the workers that ever announced themselves.

    Raises
    ------
    MuseError
        There is no such setting, no such database, or an old schema.
    """
    database = Database(settings.database, "scheduler", pool_size=1)
    try:
        await require_current(database, "muse_scheduler")
        async with database.begin() as tx:
            return [worker.name for worker in await WorkerRegistry(tx).all()]
    finally:
        await database.close()


# -- where
@asynccontextmanager
async def of_rabbit(
    url: str, queues: Sequence[str], workers: Callable[[], Awaitable[Iterable[str]]]
) -> AsyncIterator[Graves]:
    """Open the dead letters of a fleet: of the named queues, or of all.

    Parameters
    ----------
    workers
        Asked for the names of workers when no queue is named.

    Raises
    ------
    QueueUnknown, BrokerUnavailable, BrokerForbidden
    SettingInvalid
        The URL is of no RabbitMQ.
    """
    if not url.startswith(("amqp://", "amqps://")):
        raise SettingInvalid(
            f"broker_url begins with {url.partition(':')[0]}:, and is of no RabbitMQ.",
            hint="Dead letters of an embedded server: --dir FOLDER.",
        )
    named = tuple(map(queue_named, queues))
    broker = RabbitBroker(url, patience_s=_PATIENCE_S, name="musewise-server dead")
    try:
        await broker.start()
    except BrokerUnavailable as error:
        hint = "Is RabbitMQ running, and is broker_url right?"
        raise BrokerUnavailable(error.detail, hint=hint) from error
    try:
        yield Graves(broker, named or _durable(await workers()))
    finally:
        await broker.close()


@asynccontextmanager
async def of_folder(
    folder: Path, queues: Sequence[str], *, to_change: bool
) -> AsyncIterator[Graves]:
    """Open the dead letters of an embedded server.

    Raises
    ------
    QueueUnknown
    SettingInvalid
        It is no folder of a server.
    ServerRuns
        Something is to change, and the server would not see it.
    """
    journal = folder / "broker"
    if not journal.is_dir():
        raise SettingInvalid(
            f"{folder} is no folder of an embedded server: {journal} is missing."
        )
    if to_change and _runs(folder):
        raise ServerRuns(
            f"The server of {folder} runs, and would not see the change.",
            hint="Stop it, do this again, and start it.",
        )
    there = sorted(path.parent.name for path in journal.glob("*/bindings.json"))
    found = tuple(map(queue_named, queues or filter(_has_graves, there)))
    broker = LocalBroker(journal=journal)
    try:
        yield Graves(broker, found)
    finally:
        await broker.close()


def _has_graves(name: str) -> bool:
    queue = fleet_queues().named(name)
    return queue is not None and not queue.fleeting


def _runs(folder: Path) -> bool:
    """Tell whether somebody listens where the card of the folder says."""
    card: dict[str, Any] = _card(folder / "server.json")
    at = urlsplit(str(card.get("url", "")))
    if at.hostname is None or at.port is None:
        return False
    try:
        with socket.create_connection((at.hostname, at.port), timeout=2):
            return True
    except OSError:
        return False


def _card(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}
