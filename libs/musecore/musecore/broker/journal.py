"""Where the local broker keeps its messages: one small file each, per queue.

A file's name is ``<seq>.<attempt>``; its first line is JSON (id, routing key,
headers), the rest is the body. Everything is written aside and renamed, so a file is
whole or not there.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from musecore.broker.contract import DeadLetter, Message

__all__ = ["Entry", "Journal", "MemoryJournal", "QueueJournal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in a queue; `attempt` counts the deliveries begun."""

    seq: int
    message: Message
    attempt: int = 0


class QueueJournal(Protocol):
    """The memory of one queue."""

    def bind(self, names: Sequence[str]) -> None:
        """Remember the routing keys of the queue."""

    def load(self) -> list[Entry]:
        """Give what was not acknowledged, in order."""

    def add(self, message: Message) -> Entry:
        """Keep a new message."""

    def count(self, entry: Entry) -> Entry:
        """Count one more delivery, before it is made."""

    def remove(self, entry: Entry) -> None:
        """Forget an acknowledged message."""

    def bury(self, entry: Entry, letter: DeadLetter) -> None:
        """Move a message to the dead letters."""

    def dead(self) -> Iterator[DeadLetter]:
        """Give the dead letters, oldest first."""

    def take_dead(self, message_id: str) -> DeadLetter | None:
        """Take one dead letter out."""


class _Sequence:
    """Numbers that grow, also from one run of the process to the next."""

    def __init__(self) -> None:
        self._last = time.time_ns()

    def next(self) -> int:
        self._last = max(self._last + 1, time.time_ns())
        return self._last


class MemoryJournal:
    """A journal that forgets: for a broker without a folder."""

    def __init__(self) -> None:
        self._queues: dict[str, _MemoryQueueJournal] = {}
        self._sequence = _Sequence()

    def queues(self) -> dict[str, list[str]]:
        """Give queues of an earlier run and their bindings: none."""
        return {}

    def open(self, queue: str) -> QueueJournal:
        """Give the memory of a queue."""
        return self._queues.setdefault(queue, _MemoryQueueJournal(self._sequence))


class _MemoryQueueJournal(QueueJournal):
    def __init__(self, sequence: _Sequence) -> None:
        self._sequence = sequence
        self._dead: dict[str, DeadLetter] = {}
        self._kept: dict[int, Entry] = {}

    @override
    def bind(self, names: Sequence[str]) -> None:
        return

    @override
    def load(self) -> list[Entry]:
        return [self._kept[seq] for seq in sorted(self._kept)]

    @override
    def add(self, message: Message) -> Entry:
        entry = Entry(self._sequence.next(), message)
        self._kept[entry.seq] = entry
        return entry

    @override
    def count(self, entry: Entry) -> Entry:
        counted = replace(entry, attempt=entry.attempt + 1)
        self._kept[entry.seq] = counted
        return counted

    @override
    def remove(self, entry: Entry) -> None:
        self._kept.pop(entry.seq, None)

    @override
    def bury(self, entry: Entry, letter: DeadLetter) -> None:
        self.remove(entry)
        self._dead[letter.message.message_id] = letter

    @override
    def dead(self) -> Iterator[DeadLetter]:
        yield from list(self._dead.values())

    @override
    def take_dead(self, message_id: str) -> DeadLetter | None:
        return self._dead.pop(message_id, None)


class Journal:
    """A folder with one folder per queue.

    Parameters
    ----------
    folder
        Created when missing. One broker at a time may use it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sequence = _Sequence()
        folder.mkdir(parents=True, exist_ok=True)

    def queues(self) -> dict[str, list[str]]:
        """Give the queues of earlier runs and the routing keys they hear."""
        return {
            path.parent.name: json.loads(path.read_text())
            for path in sorted(self._folder.glob("*/bindings.json"))
        }

    def open(self, queue: str) -> QueueJournal:
        """Give the journal of a queue; its folder is made when missing."""
        if not queue or "/" in queue or queue.startswith("."):
            raise ValueError(f"{queue!r} cannot be the name of a queue.")
        return _FolderQueueJournal(self._folder / queue, self._sequence)


class _FolderQueueJournal(QueueJournal):
    def __init__(self, folder: Path, sequence: _Sequence) -> None:
        self._folder = folder
        self._dead = folder / "dead"
        self._live = folder / "live"
        self._sequence = sequence
        self._dead.mkdir(parents=True, exist_ok=True)
        self._live.mkdir(exist_ok=True)

    @override
    def bind(self, names: Sequence[str]) -> None:
        _write(self._folder / "bindings.json", json.dumps(list(names)).encode())

    @override
    def load(self) -> list[Entry]:
        return [_read_entry(path) for path in _ordered(self._live)]

    @override
    def add(self, message: Message) -> Entry:
        entry = Entry(self._sequence.next(), message)
        _write(self._path(entry), _encode(message))
        return entry

    @override
    def count(self, entry: Entry) -> Entry:
        counted = replace(entry, attempt=entry.attempt + 1)
        self._path(entry).rename(self._path(counted))
        return counted

    @override
    def remove(self, entry: Entry) -> None:
        self._path(entry).unlink(missing_ok=True)

    @override
    def bury(self, entry: Entry, letter: DeadLetter) -> None:
        extra = {
            "code": letter.code,
            "detail": letter.detail,
            "time": letter.time.isoformat(),
        }
        _write(self._dead / self._path(entry).name, _encode(letter.message, **extra))
        self.remove(entry)

    @override
    def dead(self) -> Iterator[DeadLetter]:
        for path in _ordered(self._dead):
            yield self._read_dead(path)

    @override
    def take_dead(self, message_id: str) -> DeadLetter | None:
        for path in _ordered(self._dead):
            letter = self._read_dead(path)
            if letter.message.message_id == message_id:
                path.unlink()
                return letter
        return None

    def _path(self, entry: Entry) -> Path:
        return self._live / f"{entry.seq:020d}.{entry.attempt}"

    def _read_dead(self, path: Path) -> DeadLetter:
        message, extra = _decode(path.read_bytes())
        return DeadLetter(
            message=message,
            queue=self._folder.name,
            attempts=int(path.suffix[1:]),
            code=extra["code"],
            detail=extra["detail"],
            time=datetime.fromisoformat(extra["time"]),
        )


def _ordered(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix != ".part")


def _read_entry(path: Path) -> Entry:
    message, _ = _decode(path.read_bytes())
    return Entry(int(path.stem), message, int(path.suffix[1:]))


def _encode(message: Message, **extra: str) -> bytes:
    head = {
        "message_id": message.message_id,
        "routing_key": message.routing_key,
        "headers": dict(message.headers),
        **extra,
    }
    return json.dumps(head).encode() + b"\n" + message.body


def _decode(content: bytes) -> tuple[Message, dict[str, str]]:
    first, body = content.split(b"\n", 1)
    head = json.loads(first)
    message = Message(
        head.pop("message_id"), head.pop("routing_key"), body, head.pop("headers")
    )
    return message, head


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)
