"""Files out of the store: resumed where they broke off, and checked."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from musewise.connection import Connection
from musewise.errors import ChecksumError, UsageError
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
) -> Path:
    """Fetch a file into a folder, or to the name given, and check it.

    An earlier part of it (``.part``) is continued. A file that is there already with
    the right checksum is left alone, so fetching twice is harmless. A name that was
    given is overwritten once the new file is whole; in a folder nothing is.

    Raises
    ------
    ChecksumError
        What came is not what the catalog says; the part file is dropped.
    UsageError
        Another file has this name in the folder.
    """
    place = path / local_name(remote.filename) if path.is_dir() else path
    if place.exists():
        if _sha256(place, moved) == remote.sha256:
            return place
        if place != path:
            raise UsageError(
                f"{place} exists and is another file.", hint="Give a name: -o FILE"
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    digest = _fetch(connection, remote, part, moved)
    if remote.sha256 and digest != remote.sha256:
        part.unlink()
        raise ChecksumError(
            f"{remote.filename} came with sha256 {digest[:12]}…, "
            f"the catalog says {remote.sha256[:12]}…"
        )
    part.replace(place)
    return place


def local_name(filename: str, system: str = os.name) -> str:
    """Give a name that the file system takes: ESO's colons are ``_`` on Windows.

    The catalog takes both, so such a file may be put in again.
    """
    return filename.replace(":", "_") if system == "nt" else filename


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
