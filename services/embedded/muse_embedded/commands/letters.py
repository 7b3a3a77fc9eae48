"""How a dead letter looks: in a line, as a whole, and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from muse_embedded.graves import queue_named
from musecore.broker import DeadLetter
from musecore.times import utcnow
from musewise.display.formats import short_ids, time_text
from musewise.display.tables import grid, plain

__all__ = ["facts", "listing", "told"]

_DAY_S = 86400.0

_NEXT = {
    "delivered_too_often": "Whoever had it died or lost the connection, every time: "
    "look for what ended {service} at that time (its log, dmesg), mend that, requeue.",
    "message_unparseable": "{service} knows no message of this name or shape: is it "
    "older than who sent it? Upgrade it, then requeue; drop what is none of ours.",
    "internal_error": "A fault in {service}: its log has the traceback beside this "
    "message_id. Requeue it when a version without the fault runs.",
}
_ELSE = "Mend what the reason says, then requeue it."
_HARMLESS = "Twice is harmless: readers know what they have heard."


def listing(letters: Sequence[DeadLetter]) -> RenderableType:
    """Give a table with a line for each."""
    short = short_ids(letter.message.message_id for letter in letters)
    table = grid("queue", "id", "name", "age", "tries", "reason", right=["tries"])
    for letter in letters:
        message = letter.message
        table.add_row(
            plain(letter.queue),
            plain(short.get(message.message_id, "")),
            plain(message.routing_key),
            _age(letter),
            str(letter.attempts),
            plain(" ".join(f"{letter.code}: {letter.detail}".split())),
        )
    return table


def facts(letter: DeadLetter, *, whole: bool = False) -> dict[str, Any]:
    """Give what is known of a letter, for JSON; `whole`: with headers and body."""
    message, queue = letter.message, queue_named(letter.queue)
    known: dict[str, Any] = {
        "queue": letter.queue,
        "served_by": queue.served_by,
        "message_id": message.message_id,
        "name": message.routing_key,
        "time": letter.time.isoformat(),
        "age_s": round((utcnow() - letter.time).total_seconds(), 1),
        "attempts": letter.attempts,
        "code": letter.code,
        "detail": letter.detail,
        "if_dropped": queue.if_dropped,
    }
    if whole:
        known["headers"] = dict(message.headers)
        known["body"] = _body(letter)
        known["next"] = _next(letter)
    return known


def told(letter: DeadLetter, folder: Path | None) -> str:
    """Give everything about a letter, and what to do next, as lines."""
    message, queue = letter.message, queue_named(letter.queue)
    body = _body(letter)
    where = f"--queue {letter.queue}" + (f" --dir {folder}" if folder else "")
    tries = f"{letter.attempts} attempt{'' if letter.attempts == 1 else 's'}"
    lines = [
        f"message   {message.message_id}",
        f"name      {message.routing_key}",
        f"queue     {letter.queue} (served by {queue.served_by})",
        f"given up  {letter.time:%Y-%m-%d %H:%M:%S} UTC ({_age(letter)} ago), after {tries}",
        f"reason    {letter.code}",
        *(f"          {line}" for line in letter.detail.splitlines()),
        "headers" if message.headers else "headers   none",
        *(f"  {name}: {value}" for name, value in sorted(message.headers.items())),
        "body",
        body if isinstance(body, str) else json.dumps(body, indent=2),
        "what next",
        f"  {_next(letter)} {_HARMLESS}",
        f"    musewise-server dead requeue {message.message_id} {where}",
        f"  If it is dropped: {queue.if_dropped}",
        f"    musewise-server dead drop {message.message_id} {where}",
    ]
    return "\n".join(lines)


def _next(letter: DeadLetter) -> str:
    service = queue_named(letter.queue).served_by
    return _NEXT.get(letter.code, _ELSE).format(service=service)


def _body(letter: DeadLetter) -> Any:
    """Give the body as JSON; as text where it is none."""
    text = letter.message.body.decode(errors="backslashreplace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _age(letter: DeadLetter) -> str:
    seconds = (utcnow() - letter.time).total_seconds()
    return f"{seconds / _DAY_S:.0f} d" if seconds > 2 * _DAY_S else time_text(seconds)
