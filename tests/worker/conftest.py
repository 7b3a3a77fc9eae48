"""A worker in its world, for tests that need one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.worker.world import World, make_product, stand_in

MakeWorld = Callable[..., Awaitable[World]]


@pytest_asyncio.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    """Start a worker whose esorex is a stand-in with this body (None: the real one)."""
    async with AsyncExitStack() as stack:

        async def make(body: str | None, **settings: Any) -> World:
            if body is not None:
                settings["esorex"] = str(stand_in(tmp_path, body))
            world = World(tmp_path, **settings)
            stack.push_async_callback(world.stop)
            await world.start()
            return world

        yield make


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A product file that a stand-in can copy."""
    return make_product(tmp_path / "made" / "MASTER_BIAS-07.fits")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A file that stands for a raw frame where nobody looks into it."""
    path = tmp_path / "MUSE.2018-12-09T21:00:19.889.fits"
    path.write_bytes(b"raw")
    return path
