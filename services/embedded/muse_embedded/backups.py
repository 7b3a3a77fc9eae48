"""A backup: a folder with every schema at one moment, and a list of the objects.

The objects themselves are in the site's store, which has its own copies; the list says
what should be there, with sums, so that a restored database can be held against it.
"""

import csv
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from muse_embedded.services import OWNERS, Owner
from musecore.blobs import BlobNotFound, BlobStore
from musecore.db.copies import (
    BackupDamaged,
    Owned,
    SchemaCopy,
    check_copies,
    copy_in,
    copy_out,
    require_empty,
    require_unused,
    sha256_of,
)
from musecore.errors import Conflict
from musecore.times import utcnow

__all__ = [
    "Backup",
    "Lacking",
    "check_objects",
    "read_backup",
    "restore",
    "take_backup",
]

MANIFEST = "backup.json"
OBJECTS = "objects.tsv.gz"
KEY = "signing.pem"
STORED = (
    "SELECT object_key, size, sha256 FROM storage.file "
    "WHERE state = 'STORED' ORDER BY object_key"
)


class BackupExists(Conflict):
    """The folder for the backup is in use."""

    code = "backup_exists"


class Backup(BaseModel):
    """What a backup holds; the file ``backup.json`` in its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Literal[1] = 1
    taken_at: datetime
    schemas: list[SchemaCopy]
    objects_sha256: str
    has_signing_key: bool

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for copy in self.schemas for table in copy.tables)


async def take_backup(
    url: str,
    folder: Path,
    signing_key: Path | None,
    *,
    owners: Sequence[Owner] = OWNERS,
) -> Backup:
    """Write a backup; the folder appears when it is whole. Services may go on.

    The list of objects is of the storage gateway, and empty where it is left out.

    Raises
    ------
    BackupExists
    """
    part = _begun(folder)
    now = utcnow()
    owned = [Owned(one.schema, one.package) for one in owners]
    with_storage = any(one.schema == "storage" for one in owners)
    listed = STORED if with_storage else "SELECT '', 0, '' WHERE false"
    copies = await copy_out(url, owned, part, {OBJECTS: listed})
    if signing_key is not None:
        shutil.copyfile(signing_key, part / KEY)
        (part / KEY).chmod(0o600)
    backup = Backup(
        taken_at=now,
        schemas=copies,
        objects_sha256=sha256_of(part / OBJECTS),
        has_signing_key=signing_key is not None,
    )
    (part / MANIFEST).write_text(backup.model_dump_json(indent=1) + "\n")
    _to_disk(part)
    part.rename(folder)
    return backup


def _begun(folder: Path) -> Path:
    if folder.exists():
        raise BackupExists(
            f"{folder} exists.", hint="Name a folder that does not exist yet."
        )
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    return part


def _to_disk(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_backup(folder: Path) -> Backup:
    """Read what a backup holds.

    Raises
    ------
    BackupDamaged
        The folder is no backup, or one of its files is not whole.
    """
    try:
        backup = Backup.model_validate_json((folder / MANIFEST).read_text())
    except (OSError, ValidationError) as error:
        raise BackupDamaged(
            f"{folder} is no backup that can be read: {error}"
        ) from error
    check_copies(backup.schemas, folder)
    if sha256_of(folder / OBJECTS) != backup.objects_sha256:
        raise BackupDamaged(f"{folder / OBJECTS} is not the file that was backed up.")
    return backup


async def restore(
    url: str, folder: Path, *, replace: bool, resend: timedelta = timedelta(hours=1)
) -> Backup:
    """Put a backup into a database; the services must be stopped.

    Raises
    ------
    BackupDamaged
        Nothing was changed.
    HoldsData
        The database holds data, and `replace` is False.
    DatabaseInUse
    """
    backup = read_backup(folder)
    await require_unused(url)
    if not replace:
        await require_empty(url, [copy.name for copy in backup.schemas])
    for copy in backup.schemas:
        await copy_in(url, copy, folder, resend_after=backup.taken_at - resend)
    return backup


class Lacking(NamedTuple):
    """An object that is not as the backup says."""

    key: str
    why: str


async def check_objects(
    folder: Path, blobs: BlobStore, *, sums: bool
) -> tuple[int, Sequence[Lacking]]:
    """Hold the store against the backup; give the number of objects, and the lacking.

    Parameters
    ----------
    sums
        Read every object and compare its sha256; else its size.
    """
    lacking = []
    number = 0
    for key, size, sha256 in _listed(folder / OBJECTS):
        number += 1
        try:
            found = await blobs.stat(key)
        except BlobNotFound:
            lacking.append(Lacking(key, "is not there"))
            continue
        if found != size:
            lacking.append(Lacking(key, f"has {found} bytes instead of {size}"))
        elif sums and await _sum(blobs, key) != sha256:
            lacking.append(Lacking(key, "has other bytes (its sha256 differs)"))
    return number, lacking


def _listed(path: Path) -> Iterator[tuple[str, int, str]]:
    with gzip.open(path, "rt", newline="") as file:
        for key, size, sha256 in csv.reader(file, delimiter="\t"):
            yield key, int(size), sha256


async def _sum(blobs: BlobStore, key: str) -> str:
    digest = hashlib.sha256()
    async for chunk in blobs.read(key):
        digest.update(chunk)
    return digest.hexdigest()
