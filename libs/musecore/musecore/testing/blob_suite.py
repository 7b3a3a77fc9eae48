# ruff: noqa: D102, ASYNC240  the names of tests are sentences; they look at files
"""The contract of `musecore.blobs.BlobStore`, run on every implementation."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from musecore.blobs import BlobNotFound, BlobStore, KeyInvalid
from musecore.times import utcnow

__all__ = ["BlobStoreSuite"]

_BODY = bytes(range(256)) * 20_000


async def _chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _broken() -> AsyncIterator[bytes]:
    yield b"the first half"
    raise ConnectionResetError("the sender went away")


class BlobStoreSuite:
    """Subclass it, and give a fixture ``store``."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """A file of 5 MB to put in."""
        path = tmp_path / "in.fits"
        path.write_bytes(_BODY)
        return path

    @pytest.mark.asyncio
    async def test_a_file_comes_back_as_it_went_in(
        self, store: BlobStore, file: Path, tmp_path: Path
    ) -> None:
        assert await store.put_file("objects/one", file) == len(_BODY)
        await store.get_file("objects/one", tmp_path / "out" / "one.fits")
        assert (tmp_path / "out" / "one.fits").read_bytes() == _BODY
        assert await store.stat("objects/one") == len(_BODY)
        assert await store.exists("objects/one")

    @pytest.mark.asyncio
    async def test_the_source_stays_unless_it_is_moved(
        self, store: BlobStore, file: Path
    ) -> None:
        await store.put_file("objects/one", file)
        assert file.exists()
        await store.put_file("objects/two", file, move=True)
        assert not file.exists()
        assert await store.stat("objects/two") == len(_BODY)

    @pytest.mark.asyncio
    async def test_without_links_a_later_change_of_the_source_does_no_harm(
        self, store: BlobStore, file: Path
    ) -> None:
        await store.put_file("objects/one", file, link=False)
        with file.open("r+b") as opened:
            opened.write(b"overwritten")
        assert await store.get_range("objects/one", 0, 11) == _BODY[:11]

    @pytest.mark.asyncio
    async def test_a_stream_comes_back_as_it_went_in(self, store: BlobStore) -> None:
        assert await store.put_stream("objects/s", _chunks(b"abc", b"", b"def")) == 6
        assert b"".join([part async for part in store.read("objects/s")]) == b"abcdef"

    @pytest.mark.asyncio
    async def test_a_broken_stream_leaves_nothing(self, store: BlobStore) -> None:
        with pytest.raises(ConnectionResetError):
            await store.put_stream("objects/s", _broken())
        assert not await store.exists("objects/s")
        assert await store.keys() == []

    @pytest.mark.asyncio
    async def test_a_broken_stream_leaves_the_older_bytes(
        self, store: BlobStore
    ) -> None:
        await store.put_stream("objects/s", _chunks(b"old"))
        with pytest.raises(ConnectionResetError):
            await store.put_stream("objects/s", _broken())
        assert await store.get_range("objects/s", 0, 10) == b"old"

    @pytest.mark.asyncio
    async def test_parts_of_a_blob_are_read(self, store: BlobStore, file: Path) -> None:
        await store.put_file("objects/one", file)
        size = len(_BODY)
        assert await store.get_range("objects/one", 2880, 5) == _BODY[2880:2885]
        assert await store.get_range("objects/one", size - 3, 100) == _BODY[-3:]
        assert await store.get_range("objects/one", size, 10) == b""
        parts = [part async for part in store.read("objects/one", 3_000_000, 1_500_000)]
        assert b"".join(parts) == _BODY[3_000_000:4_500_000]

    @pytest.mark.asyncio
    async def test_what_is_not_there_is_not_found(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        with pytest.raises(BlobNotFound, match="objects/none"):
            await store.stat("objects/none")
        with pytest.raises(BlobNotFound):
            await store.get_range("objects/none", 0, 1)
        with pytest.raises(BlobNotFound):
            await store.get_file("objects/none", tmp_path / "none")
        with pytest.raises(BlobNotFound):
            _ = [part async for part in store.read("objects/none")]
        assert not await store.exists("objects/none")
        assert store.local_path("objects/none") is None
        assert not (tmp_path / "none").exists()

    @pytest.mark.asyncio
    async def test_deleting_twice_is_harmless(self, store: BlobStore) -> None:
        await store.put_stream("objects/s", _chunks(b"abc"))
        await store.delete("objects/s")
        await store.delete("objects/s")
        assert not await store.exists("objects/s")

    @pytest.mark.asyncio
    async def test_keys_are_listed_by_prefix_in_order(self, store: BlobStore) -> None:
        for key in ("objects/b", "objects/a", "manifests/7/1", "objects/ab"):
            await store.put_stream(key, _chunks(b"x"))
        assert await store.keys("objects/") == ["objects/a", "objects/ab", "objects/b"]
        assert await store.keys("objects/a") == ["objects/a", "objects/ab"]
        assert await store.keys("none/") == []
        assert len(await store.keys()) == 4

    @pytest.mark.asyncio
    @pytest.mark.parametrize(
        "key", ["", "/a", "a/", "a//b", "a/../b", "a%20b", ".hidden", "a b", "a\nb"]
    )
    async def test_keys_that_not_every_store_can_keep_are_refused(
        self, store: BlobStore, key: str
    ) -> None:
        with pytest.raises(KeyInvalid):
            await store.put_stream(key, _chunks(b"x"))

    @pytest.mark.asyncio
    async def test_a_local_path_holds_the_bytes(
        self, store: BlobStore, file: Path
    ) -> None:
        await store.put_file("objects/one", file)
        path = store.local_path("objects/one")
        assert path is None or os.path.getsize(path) == len(_BODY)

    @pytest.mark.asyncio
    async def test_free_space_is_a_number_or_unknown(self, store: BlobStore) -> None:
        free = await store.free_space()
        assert free is None or free >= 0

    @pytest.mark.asyncio
    async def test_keys_are_listed_by_when_they_were_written(
        self, store: BlobStore
    ) -> None:
        await store.put_stream("objects/a", _chunks(b"x"))
        soon, before = utcnow() + timedelta(hours=1), utcnow() - timedelta(hours=1)
        assert await store.keys_before(soon, "objects/") == ["objects/a"]
        assert await store.keys_before(soon, "manifests/") == []
        assert await store.keys_before(before) == []

    @pytest.mark.asyncio
    async def test_an_empty_file_is_a_file(
        self, store: BlobStore, tmp_path: Path
    ) -> None:
        (tmp_path / "empty").touch()
        assert await store.put_file("objects/e", tmp_path / "empty") == 0
        assert await store.stat("objects/e") == 0
        assert [part async for part in store.read("objects/e")] == []
        await store.get_file("objects/e", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b""

    @pytest.mark.asyncio
    async def test_a_key_that_is_written_again_is_replaced_whole(
        self, store: BlobStore
    ) -> None:
        await store.put_stream("objects/s", _chunks(b"the older bytes"))
        await store.put_stream("objects/s", _chunks(b"new"))
        assert await store.get_range("objects/s", 0, 100) == b"new"

    @pytest.mark.asyncio
    async def test_what_is_there_answers_and_has_no_unfinished_writes(
        self, store: BlobStore
    ) -> None:
        await store.put_stream("objects/s", _chunks(b"abc"))
        await store.ping()
        assert await store.drop_unfinished(utcnow() + timedelta(hours=1)) == 0
        assert await store.exists("objects/s")
