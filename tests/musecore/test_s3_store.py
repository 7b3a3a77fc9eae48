# ruff: noqa: ASYNC240  it looks at files
"""The store in an S3 bucket fulfils the contract, and survives a server that does not.

Against a real OpenStack Swift; faults come from a proxy before it, or from its death.
"""

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from musecore.blobs import (
    BlobsForbidden,
    BlobStore,
    BlobsUnavailable,
    BucketMissing,
    DirectoryStore,
    S3Place,
    S3Store,
    StorageFull,
    blobs_of,
)
from musecore.blobs.s3_upload import PART
from musecore.settings import SettingInvalid
from musecore.testing import BlobStoreSuite, PrivateSwift
from musecore.times import utcnow
from tests.support.proxy import FaultProxy

pytestmark = pytest.mark.real

LARGE = 2 * PART + 12345


@pytest_asyncio.fixture
async def store(s3: PrivateSwift) -> AsyncIterator[S3Store]:
    store = s3.store()
    yield store
    await store.close()


@pytest.fixture
def proxy(s3: PrivateSwift) -> Iterator[FaultProxy]:
    proxy = FaultProxy(s3.port)
    yield proxy
    proxy.close()


@pytest_asyncio.fixture
async def behind(s3: PrivateSwift, proxy: FaultProxy) -> AsyncIterator[S3Store]:
    """A store behind the proxy, short of patience."""
    store = s3.store(port=proxy.port, timeout_s=1.0, patience_s=0.5)
    await store.ping()
    yield store
    await store.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of three parts, the last one short."""
    path = tmp_path / "large.fits"
    path.write_bytes(os.urandom(LARGE))
    return path


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def _stream(content: bytes, step: int = 1 << 20) -> AsyncIterator[bytes]:
    for start in range(0, len(content), step):
        yield content[start : start + step]


class TestS3Store(BlobStoreSuite):
    @pytest_asyncio.fixture
    async def store(self, s3: PrivateSwift) -> AsyncIterator[BlobStore]:
        store = s3.store()
        yield store
        await store.close()


@pytest.mark.asyncio
async def test_a_large_file_goes_in_parts_and_comes_back_as_it_went_in(
    store: S3Store, large: Path, tmp_path: Path
) -> None:
    assert await store.put_file("objects/large", large) == LARGE
    assert await store.stat("objects/large") == LARGE
    await store.get_file("objects/large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    over_a_border = await store.get_range("objects/large", PART - 5, 10)
    assert over_a_border == large.read_bytes()[PART - 5 : PART + 5]
    assert await store.keys() == ["objects/large"]


@pytest.mark.asyncio
async def test_a_large_stream_goes_in_parts(store: S3Store, large: Path) -> None:
    content = large.read_bytes()
    assert await store.put_stream("objects/s", _stream(content)) == LARGE
    back = b"".join([chunk async for chunk in store.read("objects/s")])
    assert _sum(back) == _sum(content)


@pytest.mark.asyncio
async def test_a_large_stream_that_breaks_leaves_nothing(
    store: S3Store, large: Path
) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        async for chunk in _stream(large.read_bytes()):
            yield chunk
        raise ConnectionResetError("the sender went away")

    with pytest.raises(ConnectionResetError):
        await store.put_stream("objects/s", breaks())
    assert await store.keys() == []
    assert await store.drop_unfinished(utcnow() + timedelta(hours=1)) == 0


@pytest.mark.asyncio
async def test_parts_of_a_writer_that_was_killed_are_dropped_when_they_are_old(
    store: S3Store,
) -> None:
    await store.ping()
    link = store._link
    link.client._create_multipart_upload(link.bucket, "objects/half", {})
    assert await store.keys() == []
    assert await store.drop_unfinished(utcnow() - timedelta(hours=1)) == 0
    assert await store.drop_unfinished(utcnow() + timedelta(hours=1)) == 1
    assert await store.drop_unfinished(utcnow() + timedelta(hours=1)) == 0


@pytest.mark.asyncio
async def test_memory_does_not_grow_with_the_file(
    store: S3Store, tmp_path: Path
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(8 * PART)
    tracemalloc.start()
    await store.put_file("objects/big", big)
    await store.get_file("objects/big", tmp_path / "back")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * PART


@pytest.mark.asyncio
async def test_a_server_that_refuses_is_asked_again_until_it_answers(
    s3: PrivateSwift, proxy: FaultProxy
) -> None:
    store = s3.store(port=proxy.port, patience_s=20)
    await store.ping()
    proxy.refuse()
    putting = asyncio.create_task(store.put_stream("objects/a", _stream(b"abc")))
    await asyncio.sleep(0.3)
    assert not putting.done()
    proxy.heal()
    assert await putting == 3
    assert await store.get_range("objects/a", 0, 3) == b"abc"
    await store.close()


@pytest.mark.asyncio
async def test_a_server_that_stays_away_is_a_transient_error_that_names_it(
    behind: S3Store, proxy: FaultProxy, tmp_path: Path
) -> None:
    source = tmp_path / "a.fits"
    source.write_bytes(b"SIMPLE")
    proxy.refuse()
    with pytest.raises(BlobsUnavailable, match=f"127.0.0.1:{proxy.port}") as raised:
        await behind.put_file("objects/a", source, move=True)
    assert raised.value.transient
    assert raised.value.status == 503
    assert source.exists()
    with pytest.raises(BlobsUnavailable):
        await behind.ping()


@pytest.mark.asyncio
async def test_a_server_that_falls_silent_is_away_too(
    behind: S3Store, proxy: FaultProxy
) -> None:
    proxy.fall_silent()
    with pytest.raises(BlobsUnavailable, match="Timeout"):
        await behind.stat("objects/a")


@pytest.mark.asyncio
async def test_a_read_goes_on_where_the_connection_broke(
    s3: PrivateSwift, proxy: FaultProxy, large: Path
) -> None:
    store = s3.store(port=proxy.port, patience_s=20)
    await store.put_file("objects/large", large)
    back = bytearray()
    async for chunk in store.read("objects/large"):
        if not back:
            proxy.refuse()
            asyncio.get_running_loop().call_later(0.3, proxy.heal)
        back += chunk
    assert _sum(bytes(back)) == _sum(large.read_bytes())
    await store.close()


@pytest.mark.asyncio
async def test_a_part_that_fails_is_sent_again_and_not_the_whole_file(
    s3: PrivateSwift, proxy: FaultProxy, large: Path
) -> None:
    store = s3.store(port=proxy.port, patience_s=20)
    await store.ping()
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        async for chunk in _stream(large.read_bytes()):
            read += len(chunk)
            if read == PART + (4 << 20):
                proxy.refuse()
                asyncio.get_running_loop().call_later(0.3, proxy.heal)
            yield chunk

    assert await store.put_stream("objects/s", chunks()) == LARGE
    assert read == LARGE
    back = b"".join([chunk async for chunk in store.read("objects/s")])
    assert _sum(back) == _sum(large.read_bytes())
    await store.close()


@pytest.mark.asyncio
async def test_a_reader_that_is_cancelled_does_not_hold_the_loop(
    behind: S3Store, proxy: FaultProxy, large: Path, tmp_path: Path
) -> None:
    await behind.put_file("objects/large", large)
    proxy.fall_silent()
    getting = asyncio.create_task(behind.get_file("objects/large", tmp_path / "out"))
    await asyncio.sleep(0.1)
    begun = asyncio.get_running_loop().time()
    getting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await getting
    assert asyncio.get_running_loop().time() - begun < 0.5
    assert [path.name for path in tmp_path.iterdir()] == ["large.fits"]


@pytest.mark.asyncio
async def test_what_is_stored_outlives_the_death_of_the_server(tmp_path: Path) -> None:
    site = PrivateSwift(tmp_path / "s3").start()
    try:
        store = site.store("kept")
        await store.put_stream("objects/a", _stream(b"abc"))
        site.kill()
        port = site.port
        site.start()
        assert site.port == port
        assert await store.get_range("objects/a", 0, 3) == b"abc"
        await store.close()
    finally:
        site.remove()


@pytest.mark.asyncio
async def test_a_full_quota_is_a_full_store(
    store: S3Store, s3: PrivateSwift, tmp_path: Path
) -> None:
    await store.ping()
    s3.limit(store._link.bucket, 1000)
    source = tmp_path / "a.fits"
    source.write_bytes(b"x" * 2000)
    with pytest.raises(StorageFull, match="quota") as raised:
        await store.put_file("objects/a", source, move=True)
    assert raised.value.status == 507
    assert source.exists()
    assert await store.keys() == []


@pytest.mark.asyncio
async def test_a_missing_bucket_is_told_apart_from_a_missing_key(
    s3: PrivateSwift,
) -> None:
    store = blobs_of(s3.url("nowhere"))
    for step in (store.ping(), store.stat("objects/a"), store.keys()):
        with pytest.raises(BucketMissing, match="no bucket 'nowhere'"):
            await step
    await store.close()


@pytest.mark.asyncio
async def test_a_wrong_secret_is_refused_at_once(s3: PrivateSwift) -> None:
    url = s3.url("any", patience_s=30).replace(s3.SECRET, "wrong")
    store = blobs_of(url)
    with pytest.raises(BlobsForbidden, match="key and secret"):
        async with asyncio.timeout(10):
            await store.put_stream("objects/a", _stream(b"abc"))
    await store.close()


@pytest.mark.asyncio
async def test_anybody_may_use_a_presigned_url_for_its_key_and_time_only(
    s3: PrivateSwift,
) -> None:
    store = s3.store(public=f"http://127.0.0.1:{s3.port}")
    await store.ping()
    put = store.presigned_put("objects/a", timedelta(minutes=1))
    get = store.presigned_get("objects/a", timedelta(minutes=1), filename="ä b.fits")
    assert put is not None
    assert get is not None
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.put(put, content=b"abc")).status_code == 200
        answer = await anybody.get(get)
        assert answer.content == b"abc"
        assert "%C3%A4%20b.fits" in answer.headers["content-disposition"]
        other = put.replace("objects/a", "objects/b")
        assert (await anybody.put(other, content=b"abc")).status_code == 403
    await store.close()


def test_without_a_public_address_nothing_is_presigned(s3: PrivateSwift) -> None:
    store = s3.store()
    assert store.presigned_put("objects/a", timedelta(minutes=1)) is None
    assert store.presigned_get("objects/a", timedelta(minutes=1)) is None


def test_a_url_names_the_store(tmp_path: Path) -> None:
    place = S3Place.of("s3+https://a%3Ab:s%2Fc@s3.example.org:9/b?region=r&timeout_s=3")
    assert (place.key, place.secret, place.bucket) == ("a:b", "s/c", "b")
    assert (place.endpoint, place.secure) == ("s3.example.org:9", True)
    assert (place.region, place.timeout_s, place.create) == ("r", 3.0, False)
    assert isinstance(blobs_of(f"file://{tmp_path}"), DirectoryStore)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("s3+http://host/bucket", "lacks a host, a key"),
        ("s3+http://k:s@host", "lacks a host, a key"),
        ("s3+http://k:s@host/b?colour=red", "unknown option 'colour'"),
        ("s3+http://k:s@host/b?timeout_s=soon", "timeout_s=soon is no number"),
        ("gopher://host", "No store speaks 'gopher'"),
    ],
)
def test_a_url_that_names_no_store_says_what_is_wrong(url: str, complaint: str) -> None:
    with pytest.raises(SettingInvalid, match=complaint):
        blobs_of(url)


@pytest.mark.asyncio
async def test_processes_that_share_a_folder_leave_each_others_writes(
    tmp_path: Path,
) -> None:
    first = blobs_of(f"file://{tmp_path}")

    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        blobs_of(f"file://{tmp_path}")
        yield b"second"

    assert await first.put_stream(f"objects/{uuid4()}", chunks()) == 11
