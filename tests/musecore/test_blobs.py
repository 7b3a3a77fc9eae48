"""The store in a folder fulfils the contract, links, and survives a full disk."""

import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from musecore.blobs import BlobStore, DirectoryStore, StorageFull
from musecore.testing import BlobStoreSuite


class TestDirectoryStore(BlobStoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        return DirectoryStore(tmp_path / "store")


@pytest.mark.asyncio
async def test_a_file_on_the_same_disk_is_linked_not_copied(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")
    source = tmp_path / "a.fits"
    source.write_bytes(b"SIMPLE")
    await store.put_file("objects/a", source)
    held = store.local_path("objects/a")
    assert held is not None
    assert held.samefile(source)
    await store.get_file("objects/a", tmp_path / "b.fits")
    assert (tmp_path / "b.fits").samefile(source)
    await store.get_file("objects/a", tmp_path / "c.fits", link=False)
    assert not (tmp_path / "c.fits").samefile(source)


@pytest.mark.asyncio
async def test_a_file_of_another_file_system_is_copied(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")
    source = Path("/proc/self/status")
    with pytest.raises(OSError, match="cross-device"):
        os.link(source, tmp_path / "link")
    await store.put_file("objects/a", source)
    assert (await store.get_range("objects/a", 0, 5)) == b"Name:"


@pytest.mark.asyncio
async def test_a_write_that_would_touch_the_reserve_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.fits"
    source.write_bytes(b"x" * 1000)
    store = DirectoryStore(tmp_path / "store", reserve=1 << 60)
    assert await store.free_space() == 0
    with pytest.raises(StorageFull, match="No room for 1000 bytes"):
        await store.put_file("objects/a", source, link=False)
    assert await store.keys() == []
    assert source.exists()


def test_unfinished_writes_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")
    (store.root / ".parts" / "half").write_bytes(b"half")
    DirectoryStore(tmp_path / "store")
    assert [path.name for path in store.root.rglob("*")] == [".parts"]


@pytest.mark.asyncio
async def test_an_unfinished_write_is_no_key(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")

    async def looking() -> AsyncIterator[bytes]:
        yield b"half"
        assert await store.keys() == []
        assert not await store.exists("objects/a")

    await store.put_stream("objects/a", looking())
    assert await store.keys() == ["objects/a"]


@pytest.mark.asyncio
async def test_a_stream_that_fails_leaves_no_part_behind(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")

    async def failing() -> AsyncIterator[bytes]:
        yield b"half"
        raise ValueError("the sender is confused")

    with pytest.raises(ValueError, match="confused"):
        await store.put_stream("objects/a", failing())
    assert [path.name for path in store.root.rglob("*")] == [".parts"]


_ON_A_SMALL_DISK = textwrap.dedent(
    """
    import asyncio, os, pathlib, subprocess, sys
    from musecore.blobs import DirectoryStore, StorageFull

    small = pathlib.Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", small], check=True)

    async def stream() -> None:
        for _ in range(10):
            yield os.urandom(65536)

    async def main() -> None:
        store = DirectoryStore(small / "store", reserve=-(1 << 40))  # sees room
        source = small.parent / "big"
        source.write_bytes(os.urandom(1 << 20))
        for put in (
            lambda: store.put_stream("objects/s", stream()),
            lambda: store.put_file("objects/f", source),
            lambda: store.put_file("objects/m", source, move=True),
        ):
            try:
                await put()
            except StorageFull as error:
                print(error.code, error.status, error.transient, error.hint)
        print(await store.keys(), list((small / "store" / ".parts").iterdir()))
        print(source.exists())

    asyncio.run(main())
    """
)


def test_a_full_disk_is_a_clear_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount", "--"),
            *(sys.executable, "-c", _ON_A_SMALL_DISK, str(small)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    line = "storage_full 507 False Free some disk space; the operation can then be "
    assert done.stdout.splitlines() == [line + "repeated."] * 3 + ["[] []", "True"]
