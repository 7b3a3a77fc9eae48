# ruff: noqa: ASYNC220, ASYNC240  it looks at small files
"""What a machine keeps of a store that is elsewhere."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from muse_worker.service.cache import NodeCache

pytestmark = pytest.mark.asyncio


class Store:
    """Counts downloads; ``slow`` ones take a moment."""

    def __init__(self, *, slow: bool = False) -> None:
        self.asked: list[bytes] = []
        self._slow = slow

    def of(self, content: bytes):
        async def download(path: Path) -> None:
            self.asked.append(content)
            if self._slow:
                await asyncio.sleep(0.2)
            path.write_bytes(content)

        return download


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def bring(cache: NodeCache, store: Store, content: bytes, place: Path) -> None:
    await cache.fetch(sha256(content), len(content), place, store.of(content))
    assert place.read_bytes() == content


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "files").rglob("*") if path.is_file()}


async def test_a_file_is_downloaded_once_and_linked_afterwards(tmp_path: Path):
    cache, store = NodeCache(tmp_path / "c", 1000), Store()
    await bring(cache, store, b"flat", tmp_path / "a" / "1.fits")
    await bring(cache, store, b"flat", tmp_path / "b" / "2.fits")
    assert store.asked == [b"flat"]
    assert (tmp_path / "a" / "1.fits").samefile(tmp_path / "b" / "2.fits")
    assert (cache.hits, cache.misses) == (1, 1)


async def test_those_who_want_a_file_at_once_wait_for_one_download(tmp_path: Path):
    store = Store(slow=True)
    caches = [NodeCache(tmp_path / "c", 1000) for _ in range(2)]  # two workers
    places = [tmp_path / str(n) for n in range(6)]
    await asyncio.gather(
        *(bring(caches[n % 2], store, b"flat", place) for n, place in enumerate(places))
    )
    assert store.asked == [b"flat"]


async def test_what_was_not_used_for_longest_goes_first(tmp_path: Path):
    cache, store = NodeCache(tmp_path / "c", 10), Store()
    for n, content in enumerate((b"aaaa", b"bbbb")):
        place = tmp_path / str(n)
        await bring(cache, store, content, place)
        place.unlink()
    await bring(cache, store, b"aaaa", tmp_path / "again")
    (tmp_path / "again").unlink()
    await bring(cache, store, b"cccc", tmp_path / "3")
    assert kept(tmp_path / "c") == {sha256(b"aaaa"), sha256(b"cccc")}
    assert cache.evicted == 1


async def test_files_in_use_are_never_evicted(tmp_path: Path):
    cache, store = NodeCache(tmp_path / "c", 10), Store()
    await bring(cache, store, b"aaaa", tmp_path / "used")
    await bring(cache, store, b"b" * 10, tmp_path / "other")
    assert sha256(b"aaaa") in kept(tmp_path / "c")
    assert (tmp_path / "used").read_bytes() == b"aaaa"


async def test_bytes_that_are_not_those_wanted_are_not_kept(tmp_path: Path):
    cache = NodeCache(tmp_path / "c", 1000)

    async def damaged(path: Path) -> None:
        path.write_bytes(b"fl")
        raise ValueError("other bytes")

    with pytest.raises(ValueError, match="other bytes"):
        await cache.fetch(sha256(b"flat"), 4, tmp_path / "a", damaged)
    assert kept(tmp_path / "c") == set()
    assert list((tmp_path / "c" / "parts").iterdir()) == []
    await bring(cache, Store(), b"flat", tmp_path / "a")


async def test_a_kept_file_that_was_cut_short_is_brought_again(tmp_path: Path):
    cache, store = NodeCache(tmp_path / "c", 1000), Store()
    await bring(cache, store, b"flat", tmp_path / "a")
    (tmp_path / "a").unlink()
    os.truncate(next((tmp_path / "c" / "files").rglob("*/*")), 2)
    await bring(cache, store, b"flat", tmp_path / "b")
    assert len(store.asked) == 2


async def test_what_was_made_here_is_an_input_without_download(tmp_path: Path):
    cache, store = NodeCache(tmp_path / "c", 1000), Store()
    made = tmp_path / "made.fits"
    made.write_bytes(b"bias")
    await cache.add(sha256(b"bias"), made)
    made.unlink()
    await bring(cache, store, b"bias", tmp_path / "a")
    assert store.asked == []


_DIES = """
import asyncio, pathlib, sys
from muse_worker.service.cache import NodeCache

async def download(path):
    path.write_bytes(b"fl")
    print("half", flush=True)
    await asyncio.sleep(60)

cache = NodeCache(pathlib.Path(sys.argv[1]), 1000)
asyncio.run(cache.fetch(sys.argv[2], 4, pathlib.Path(sys.argv[1], "x"), download))
"""


async def test_a_worker_killed_in_a_download_leaves_nothing_believed(tmp_path: Path):
    folder = tmp_path / "c"
    dying = subprocess.Popen(
        [sys.executable, "-c", _DIES, str(folder), sha256(b"flat")],
        stdout=subprocess.PIPE,
    )
    with dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"half\n"
        NodeCache(folder, 1000)  # another worker starts: the part is of the living
        assert len(list((folder / "parts").iterdir())) == 1
        dying.send_signal(signal.SIGKILL)
    cache = NodeCache(folder, 1000)
    assert list((folder / "parts").iterdir()) == []
    assert kept(folder) == set()
    await bring(cache, Store(), b"flat", tmp_path / "a")
