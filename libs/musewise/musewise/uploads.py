"""Files into the store: several in flight, then what the catalog says of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from musewise.connection import Connection
from musewise.errors import (
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    ServerError,
    StorageFullError,
    UnavailableError,
    UsageError,
)

SUFFIXES = (".fits", ".fits.fz", ".fits.gz", ".fits.Z")
CHUNK = 1 << 20  # bytes
IN_FLIGHT = 4
STATUS_BATCH = 200  # files asked about at once
POLL_S = 0.1
REGISTER_PATIENCE_S = 120.0  # without any news of the catalog
# What would meet the next file as well: no rights, no such project, no room, no server.
FATAL = (
    StorageFullError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    UnavailableError,
)

State = Literal["registered", "known", "refused", "pending", "stored"]
Moved = Callable[[int], None]  # told the bytes that went over since the last call


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What became of one file; ``size`` in bytes.

    ``known``: the same bytes were there before, and nothing changed.
    ``pending``: stored, the catalog has not said yet what it is. ``detail`` says why a
    file is refused, or that its exposure was here before with other content.
    """

    path: Path
    state: State
    size: int = 0
    file_id: str | None = None
    sha256: str | None = None
    tag: str | None = None
    code: str | None = None
    detail: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data, with stable keys."""
        return {**vars(self), "path": str(self.path)}


def files_below(paths: Iterable[Path]) -> list[Path]:
    """Give the files named, and the FITS files below the folders named, sorted.

    Raises
    ------
    UsageError
        A path does not exist, or there is no file at all.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist.")
        found.update(dict.fromkeys(_fits_below(path) if path.is_dir() else [path]))
    if not found:
        raise UsageError(f"No FITS file ({', '.join(SUFFIXES)}) in these folders.")
    return list(found)


def _fits_below(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.name.endswith(SUFFIXES) and path.is_file()
    )


def read_chunks(path: Path, moved: Moved) -> Iterator[bytes]:
    """Give the bytes of a file, and tell how many were taken."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
            moved(len(chunk))


class Uploader:
    """Puts files into the store and waits for what the catalog says of them.

    Parameters
    ----------
    link
        Let a server on this machine take the file by its path.
    moved
        Told of bytes that went over; called from several threads.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        project: str,
        link: bool,
        kind: str | None = None,
        moved: Moved = lambda count: None,
    ) -> None:
        self._connection = connection
        self._project = project
        self._link = link
        self._kind = kind
        self._moved = moved

    def put(self, paths: Sequence[Path]) -> Iterator[Upload]:
        """Give the files as they are stored or refused, in the order of completion.

        A refused file does not stop the others; a lost server or a full disk does.
        Putting a file twice is harmless.

        Raises
        ------
        Error
            One that the next file would meet as well, as a lost server or a full disk.
        """
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            flying = [pool.submit(self._one, path) for path in paths]
            try:
                for landed in as_completed(flying):
                    yield landed.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, path: Path) -> Upload:
        size = 0
        try:
            size = path.stat().st_size
            return self._store(path, size)
        except OSError as error:
            return _refused(path, size, "unreadable", error.strerror or str(error))
        except FATAL:
            raise
        except ServerError as error:
            return _refused(path, size, error.code, error.detail)

    def _store(self, path: Path, size: int) -> Upload:
        wanted = {
            "filename": path.name,
            "size": size,
            "project": self._project,
            "kind": self._kind,
            "source_path": str(path.resolve()) if self._link else None,
        }
        body = {name: value for name, value in wanted.items() if value is not None}
        place = self._connection.post("/storage/uploads", body)
        sha256 = None
        if place["upload"] == "put":
            sha256 = self._send(path, size, place["file_id"])
        return self._commit(path, size, place["file_id"], sha256)

    def _send(self, path: Path, size: int, file_id: str) -> str:
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in read_chunks(path, self._moved):
                digest.update(chunk)
                yield chunk

        self._connection.put(f"/storage/uploads/{file_id}/content", hashed(), size)
        return digest.hexdigest()

    def _commit(
        self, path: Path, size: int, file_id: str, sha256: str | None
    ) -> Upload:
        body = {"sha256": sha256} if sha256 else {}
        done = self._connection.post(f"/storage/uploads/{file_id}/commit", body)
        if sha256 is None:
            self._moved(size)
        twin = done.get("duplicate_of")
        return Upload(
            path=path,
            state="known" if twin else "stored",
            size=size,
            file_id=twin or done["file_id"],
            sha256=done.get("sha256"),
        )


def _refused(path: Path, size: int, code: str, detail: str) -> Upload:
    return Upload(path=path, state="refused", size=size, code=code, detail=detail)


def ask_catalog(
    connection: Connection,
    uploads: Sequence[Upload],
    *,
    poll_s: float = POLL_S,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> list[Upload]:
    """Wait until the catalog has said of every stored file what it is.

    Returns the uploads in the order given; those of which the catalog says nothing
    for `REGISTER_PATIENCE_S` seconds are ``pending``.
    """
    open_ids = {one.file_id for one in uploads if one.file_id is not None}
    total, said = len(open_ids), dict[str, dict[str, Any]]()
    last_news = time.monotonic()
    while open_ids and time.monotonic() - last_news < REGISTER_PATIENCE_S:
        for row in _statuses(connection, sorted(open_ids)):
            if row["state"] != "pending":
                said[str(row["file_id"])] = row
                last_news = time.monotonic()
        open_ids -= said.keys()
        told(len(said), total)
        if open_ids:
            time.sleep(poll_s)
    wait_for_plans(
        connection, [key for key, row in said.items() if row["state"] == "registered"]
    )
    return [_with_news(one, said.get(one.file_id or "")) for one in uploads]


def wait_for_plans(connection: Connection, file_ids: Sequence[str]) -> None:
    """Wait until the scheduler has heard of these files, so that plans see them.

    Gives up after `REGISTER_PATIENCE_S`: the scheduler will hear of them later.
    """
    deadline = time.monotonic() + REGISTER_PATIENCE_S
    waiting = list(file_ids)
    while waiting and time.monotonic() < deadline:
        body = {"file_ids": waiting[:STATUS_BATCH]}
        late = connection.post("/scheduler/files/unknown", body)
        waiting = late + waiting[STATUS_BATCH:]
        if late:
            time.sleep(POLL_S)


def _statuses(connection: Connection, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), STATUS_BATCH):
        body = {"file_ids": ids[start : start + STATUS_BATCH]}
        found = connection.post("/catalog/files/status", body)
        yield from found["items"] if isinstance(found, dict) else found


def _with_news(one: Upload, row: dict[str, Any] | None) -> Upload:
    if one.state == "refused":
        return one
    if row is None:
        return one if one.state == "known" else replace(one, state="pending")
    if row["state"] == "refused":
        return replace(
            one, state="refused", code=row.get("code"), detail=row.get("detail")
        )
    state: State = "known" if one.state == "known" else "registered"
    return replace(one, state=state, tag=row.get("tag"), detail=row.get("detail"))
