"""Where a page of an answer begins, as the wire carries it."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from muse_catalog.rules import QueryInvalid
from muse_catalog.store import Key

__all__ = ["next_of", "place_of"]


def next_of(keys: list[Key], limit: int) -> str | None:
    """Give where the page after one of `limit` rows begins; None: there is none."""
    if len(keys) <= limit:
        return None
    packed = json.dumps([_packed(value) for value in keys[limit - 1]])
    return base64.urlsafe_b64encode(packed.encode()).decode()


def _packed(value: Any) -> Any:
    match value:
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case UUID():
            return {"id": value.hex}
        case _:
            return value


def place_of(after: str | None, keys: int) -> Key | None:
    """Read what a page gave as `next`, of an order with so many keys.

    Raises
    ------
    QueryInvalid
    """
    if after is None:
        return None
    try:
        packed = json.loads(base64.urlsafe_b64decode(after.encode()))
        found = tuple(_unpacked(packed))
    except (ValueError, KeyError, TypeError):
        found = ()
    if len(found) != keys:
        raise QueryInvalid(
            "`after` is not what a page gave as `next`.", hint="Begin without it."
        )
    return found


def _unpacked(packed: Iterable[Any]) -> Iterator[Any]:
    for value in packed:
        match value:
            case {"time": str(moment)}:
                yield datetime.fromisoformat(moment)
            case {"date": str(day)}:
                yield date.fromisoformat(day)
            case {"id": str(digits)}:
                yield UUID(digits)
            case _:
                yield value
