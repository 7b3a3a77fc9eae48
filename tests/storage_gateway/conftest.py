"""A storage gateway with a real database, a local broker and a folder of blobs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from musecore.testing import TemplateDatabases
from tests.storage_gateway.gateway import Gateway, make_fits


@pytest_asyncio.fixture
async def gateway(
    databases: TemplateDatabases, tmp_path: Path
) -> AsyncIterator[Gateway]:
    async with databases.database("storage", "muse_storage") as database:
        made = Gateway(database, tmp_path, allow_local_paths=True)
        await made.start()
        yield made
        await made.stop()


@pytest.fixture
def fits_file(tmp_path: Path) -> Path:
    path = tmp_path / "MUSE.2014-06-25T00:01:02.003.fits"
    path.write_bytes(make_fits())
    return path
