"""Files out of the store: resumed where they broke off, and checked."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musewise.caching import Cache
from musewise.connection import Connection
from musewise.errors import (
    BadCopyWarning,
    BrokenOffError,
    ChecksumError,
    DiskFullError,
    Error,
    UsageError,
)
from musewise.exports import room_or_error
from musewise.uploads import CHUNK, Moved, read_chunks

PARTIAL_CONTENT = 206


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A file to fetch; ``size`` in bytes."""

    file_id: str
    filename: str
    sha256: str | None
    size: int | None


def download(
    connection: Connection,
    remote: Remote,
    path: Path,
    *,
    moved: Moved = lambda count: None,
    cache: Cache | None = None,
) -> Path:
    """Fetch a file into a folder, or to the name given, and check it.

    An earlier part of it (``.part``) is continued. A file that is there already with
    the right checksum is left alone, so fetching twice is harmless. A name that was
    given is overwritten once the new file is whole; in a folder nothing is. What the
    cache has is not fetched. Wrong bytes are told to the storage gateway, which looks
    at its copy and replaces it where it can.

    Raises
    ------
    ChecksumError
        The stored copy is damaged, and there is no other; the part file is dropped.
    FileAway
        The only copy is where nobody answers.
    BrokenOffError
        The answer ended too soon; the part file is kept, to go on with.
    DiskFullError
        There is no room; the part file is dropped.
    UsageError
        Another file has this name in the folder.
    """
    place = path / local_name(remote.filename) if path.is_dir() else path
    if place.exists():
        if _sha256(place, moved) == remote.sha256:
            return place
        if place != path:
            raise UsageError(
                f"{place} exists and is another file.",
                hint="Give a name: retrieve(path) in Python, -o FILE in the shell.",
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    if cache is not None and remote.sha256 and cache.take(remote.sha256, place):
        moved(place.stat().st_size)
        return place
    part = place.with_name(place.name + ".part")
    with room_or_error(place, lambda: part.unlink(missing_ok=True)):
        _require_room(remote, part)
        _fetch_right(connection, remote, part, moved)
    part.replace(place)
    if cache is not None and remote.sha256:
        cache.keep(remote.sha256, place)
    return place


def local_name(filename: str, system: str = os.name) -> str:
    """Give a name that the file system takes: ESO's colons are ``_`` on Windows.

    The catalog takes both, so such a file may be put in again.
    """
    return filename.replace(":", "_") if system == "nt" else filename


def _require_room(remote: Remote, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    free = shutil.disk_usage(part.parent).free
    if remote.size is not None and remote.size - have > free:
        raise DiskFullError(
            f"{remote.filename} has {remote.size} bytes, and {part.parent} has room "
            f"for {free}."
        )


def _fetch_right(
    connection: Connection, remote: Remote, part: Path, moved: Moved
) -> None:
    """Fetch a file; wrong bytes are told to the gateway, and fetched once more."""
    for again in (True, False):
        digest = _fetch(connection, remote, part, moved)
        if not remote.sha256 or digest == remote.sha256:
            return
        _require_whole(remote, part)
        part.unlink()
        told = _reported(connection, remote, digest)
        if told["state"] == "bad" or not again:
            raise ChecksumError(
                f"{_damaged(remote, digest, told)} There is no other copy.",
                hint="Put the file again, or process the product again.",
            )
        if told["state"] == "replaced":
            words = f"{_damaged(remote, digest, told)} Fetched from {told['source']} instead."
            warnings.warn(words, BadCopyWarning, stacklevel=2)


def _require_whole(remote: Remote, part: Path) -> None:
    have = part.stat().st_size
    if remote.size is not None and have < remote.size:
        raise BrokenOffError(
            f"{have} of {remote.size} bytes of {remote.filename} came.",
            hint="Fetch it again: it goes on where it broke off.",
        )


def _reported(connection: Connection, remote: Remote, digest: str) -> dict[str, Any]:
    """Tell the gateway of wrong bytes; give what it found.

    Raises
    ------
    ChecksumError
        It cannot be told, or cannot look.
    """
    try:
        told: dict[str, Any] = connection.post(
            f"/storage/files/{remote.file_id}/bad-copy", {"sha256": digest}
        )
    except Error as error:
        raise ChecksumError(
            f"{remote.filename} came with sha256 {digest[:12]}…, the catalog says "
            f"{(remote.sha256 or '')[:12]}…; the storage gateway could not look at its "
            f"copy: {error.detail}"
        ) from error
    return told


def _damaged(remote: Remote, digest: str, told: dict[str, Any]) -> str:
    return (
        f"{told['site']} copy of {remote.file_id[:8]} has sha256 {digest[:8]}…, "
        f"catalogue says {(remote.sha256 or '')[:8]}…. Bad copy reported."
    )


def _sha256(path: Path, moved: Moved) -> str:
    digest = hashlib.sha256()
    for chunk in read_chunks(path, moved):
        digest.update(chunk)
    return digest.hexdigest()


def _fetch(connection: Connection, remote: Remote, part: Path, moved: Moved) -> str:
    """Continue or begin the part file; give the sha256 of all of it."""
    digest = hashlib.sha256()
    have = part.stat().st_size if part.exists() else 0
    if have and have == remote.size:
        return _sha256(part, moved)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with connection.stream(_content(remote.file_id), headers) as answer:
        resumed = answer.status_code == PARTIAL_CONTENT
        if resumed:
            for chunk in read_chunks(part, moved):
                digest.update(chunk)
        with part.open("ab" if resumed else "wb") as stream:
            for chunk in answer.iter_bytes(CHUNK):
                stream.write(chunk)
                digest.update(chunk)
                moved(len(chunk))
    return digest.hexdigest()


def read_text(connection: Connection, file_id: str) -> str:
    """Give a stored text file, as a recipe's log; unpacked if it is gzipped."""
    with connection.stream(_content(file_id)) as answer:
        body = answer.read()
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    return body.decode("utf-8", errors="replace")


def _content(file_id: str) -> str:
    return f"/storage/files/{file_id}/content"
