"""A worker whose store is an S3 bucket: the node cache, and a store that is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from musecore.messages import TaskFailed, TaskFinished
from musecore.testing import PrivateSwift
from tests.support.proxy import FaultProxy
from tests.worker.world import World, copying, stand_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio]


@pytest.fixture
def proxy(s3: PrivateSwift) -> Iterator[FaultProxy]:
    proxy = FaultProxy(s3.port)
    yield proxy
    proxy.close()


@pytest_asyncio.fixture
async def world(
    s3: PrivateSwift, proxy: FaultProxy, tmp_path: Path, product: Path
) -> AsyncIterator[World]:
    store = s3.store(port=proxy.port, timeout_s=1.0, patience_s=0.1)
    script = stand_in(tmp_path, copying(product))
    world = World(tmp_path, store, esorex=str(script), patience_s=30.0)
    await world.start()
    yield world
    await world.stop()
    await store.close()


async def test_products_go_into_the_bucket_and_inputs_come_from_it_once(
    world: World, raw: Path
):
    entry = await world.put_input("BIAS", raw)
    for _ in range(2):
        await world.request(world.task([entry]))
        report = await world.report()
        assert isinstance(report, TaskFinished), report
        (made,) = report.products
        assert await world.blobs.stat(made.object_key) == made.size
    cache = world.service.slots._tools.store.cache
    assert (cache.hits, cache.misses) == (1, 1)
    assert world.folders == []


async def test_a_product_is_at_hand_for_the_next_task(world: World):
    await world.request(world.task([]))
    (made,) = (await world.report()).products
    entry = made.model_dump(mode="json") | {"tag": "MASTER_BIAS"}
    await world.request(world.task([entry]))
    assert isinstance(await world.report(), TaskFinished)
    cache = world.service.slots._tools.store.cache
    assert (cache.hits, cache.misses) == (1, 0)


async def test_a_store_that_is_away_is_waited_for_before_and_after_the_recipe(
    world: World, proxy: FaultProxy, raw: Path
):
    entry = await world.put_input("BIAS", raw)
    proxy.refuse()
    await world.request(world.task([entry]))
    await asyncio.sleep(1.0)
    assert world.heard.empty()
    proxy.heal()
    await world.started()
    proxy.refuse()
    asyncio.get_running_loop().call_later(1.0, proxy.heal)
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    assert await world.blobs.exists(report.products[0].object_key)


async def test_a_store_that_stays_away_fails_the_attempt_as_infrastructure(
    s3: PrivateSwift, proxy: FaultProxy, tmp_path: Path, product: Path, raw: Path
):
    store = s3.store(port=proxy.port, timeout_s=1.0, patience_s=0.1)
    script = stand_in(tmp_path, copying(product))
    world = World(tmp_path, store, esorex=str(script), patience_s=0.2)
    await world.start()
    entry = await world.put_input("BIAS", raw)
    proxy.refuse()
    await world.request(world.task([entry]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "infrastructure"
    await world.stop()
    await store.close()


async def test_an_input_with_other_bytes_in_the_bucket_is_refused_and_not_kept(
    world: World, raw: Path
):
    entry = await world.put_input("BIAS", raw)
    await world.request(world.task([entry | {"sha256": "a" * 64}]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert "came with sha256" in report.detail
    cached = world.folder / "work" / ".cache" / "files"
    assert [path for path in cached.rglob("*") if path.is_file()] == []
