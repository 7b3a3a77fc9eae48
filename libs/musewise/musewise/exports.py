"""Answers as files: written beside their name first, so half a file is never there."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from musewise.errors import (
    BrokenOffError,
    DiskFullError,
    ServerUnreachableError,
    UsageError,
    error_of_problem,
    nearest,
)

if TYPE_CHECKING:
    from musewise.answers import Asked
    from musewise.connection import Connection

__all__ = ["FORMATS", "export", "pieces", "room_or_error", "stream_rows", "whole"]

FORMATS = ("csv", "ecsv", "jsonl", "votable", "fits", "parquet", "files", "wget")
QUIET_S = 300.0  # the server counts or sorts so long before the first row


def export(query: Asked, path: Path, format_: str) -> Path:
    """Write an answer into a file; what was there before is replaced at the end.

    Raises
    ------
    UsageError
        There is no such format.
    BrokenOffError, DiskFullError
        Nothing is left of the new file, and the old one stays.
    """
    with whole(path) as part:
        with part.open("wb") as file:
            for piece in pieces(query, format_):
                file.write(piece)
        if format_ == "wget":
            part.chmod(0o755)
    return path


def pieces(query: Asked, format_: str) -> Iterator[bytes]:
    """Give an answer in a format as it comes.

    Raises
    ------
    UsageError
        There is no such format.
    BrokenOffError
        The server ended it before it was whole.
    """
    if format_ not in (*FORMATS, "arrow"):
        raise UsageError(
            f"There is no format {format_!r}.{nearest(format_, FORMATS)}",
            hint=f"Formats are {', '.join(FORMATS)}.",
        )
    session = query._session()
    asked: dict[str, Any] = {**query.parameters(), "format": format_}
    if query.at_most is not None:
        asked["limit"] = query.at_most
    if format_ == "wget":
        asked["storage"] = session.server.address("/storage").rstrip("/")
    with _reading(session.connection, "/catalog/objects/export", asked) as answer:
        yield from answer.iter_bytes()


def stream_rows(query: Asked) -> Iterator[Any]:
    """Give the columns, then row after row, of an answer of any size.

    Raises
    ------
    BrokenOffError
        The last line, which says how many there were, did not come.
    """
    asked: dict[str, Any] = dict(query.parameters())
    if query.at_most is not None:
        asked["limit"] = query.at_most
    session = query._session()
    count = -1
    with _reading(session.connection, "/catalog/objects/stream", asked) as answer:
        for line in answer.iter_lines():
            if not line:
                continue
            found = json.loads(line)
            if count < 0:
                yield found["columns"]
            elif isinstance(found, dict) and "problem" in found:
                raise error_of_problem(found["problem"])
            elif isinstance(found, dict) and found.get("complete") is True:
                _check_count(count, found["count"])
                return
            else:
                yield found
            count += 1
    raise BrokenOffError(f"The answer broke off after {max(count, 0)} rows.")


def _check_count(count: int, told: int) -> None:
    if count != told:
        raise BrokenOffError(f"{count} of {told} rows came.")


@contextmanager
def _reading(
    connection: Connection, path: str, asked: dict[str, Any]
) -> Iterator[httpx.Response]:
    """Open an answer; one that ends too soon is an error of its own."""
    begun = False
    try:
        with connection.stream(path, params=asked, quiet_s=QUIET_S) as answer:
            begun = True
            yield answer
    except ServerUnreachableError as error:
        if not begun:
            raise
        raise BrokenOffError("The answer ended before it was whole.") from error


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write to; the file gets its own name when all is written.

    Raises
    ------
    DiskFullError
        There is no room: what was written is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with room_or_error(path):
            yield part
            _settle(part, path)
    finally:
        part.unlink(missing_ok=True)


def _settle(part: Path, path: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def room_or_error(
    path: Path, tidy: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Turn a full disk into an error that says so, after `tidy`.

    Raises
    ------
    DiskFullError
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        tidy()
        raise DiskFullError(f"There is no room for {path}: {error.strerror}.") from None
