"""Bring the inputs of a task into its folder, shared with the store where it can be."""

import asyncio
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from muse_worker.models import ClaimedInput, InputDamaged
from muse_worker.service.storing import SiteStore

__all__ = ["stage"]

AT_ONCE = 4
"""Downloads of one task at the same time."""


async def stage(
    inputs: Sequence[ClaimedInput], folder: Path, store: SiteStore
) -> list[Path]:
    """Give one file per input, in order, each in a folder of its own.

    A store that is away is waited for; what this machine has already is not asked for.

    Product names repeat (``MASTER_BIAS-07.fits``), and recipes write base names into
    headers: so the names stay, and the folders differ.

    Raises
    ------
    BlobNotFound
        The store does not hold an input.
    Unavailable
        The store was away for longer than our patience.
    InputDamaged
        An input has other bytes than the task says.
    """
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, entry: ClaimedInput) -> Path:
        place = folder / f"{number:04d}" / _plain(entry.filename)
        async with turn:
            await _bring(entry, place, store)
        return place

    return await asyncio.gather(*(one(n, entry) for n, entry in enumerate(inputs, 1)))


def _plain(filename: str) -> str:
    """Give the base name without characters that would break a set of frames."""
    return re.sub(r"[^\w.+:=@,-]", "_", filename.rpartition("/")[2]).lstrip(".")


async def _bring(entry: ClaimedInput, place: Path, store: SiteStore) -> None:
    stored = store.blobs.local_path(entry.object_key)
    if stored is not None:
        await asyncio.to_thread(_share, stored, place)
        await asyncio.to_thread(_check_size, entry, place)
        return

    async def download(path: Path) -> None:
        await store.get(entry.object_key, path)
        try:
            await asyncio.to_thread(_check_size, entry, path)
            await asyncio.to_thread(_check_bytes, entry, path)
        except InputDamaged:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise

    if store.cache is None:
        await download(place)
    else:
        await store.cache.fetch(entry.sha256, entry.size, place, download)


def _share(stored: Path, place: Path) -> None:
    """Link to the stored file: hard, so that it stays while the recipe reads it."""
    place.parent.mkdir(parents=True)
    try:
        os.link(stored, place)
    except OSError:  # another file system
        place.symlink_to(stored)


def _check_size(entry: ClaimedInput, place: Path) -> None:
    size = place.stat().st_size
    if size != entry.size:
        raise InputDamaged(
            f"{entry.object_key} ({entry.filename}) has {size} bytes in the store, "
            f"and should have {entry.size}.",
            hint="Put the file in again, or rebuild it.",
        )


def _check_bytes(entry: ClaimedInput, place: Path) -> None:
    with place.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != entry.sha256:
        raise InputDamaged(
            f"{entry.object_key} ({entry.filename}) came with sha256 {found}, "
            f"and should have {entry.sha256}.",
            hint="Put the file in again, or rebuild it.",
        )
