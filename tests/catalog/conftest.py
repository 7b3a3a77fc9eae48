"""A catalogue for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from musecore.testing import TemplateDatabases
from tests.catalog.catalog import Catalog, shared_folder


@pytest_asyncio.fixture
async def catalog(databases: TemplateDatabases) -> AsyncIterator[Catalog]:
    async with databases.database("catalog", "muse_catalog") as database:
        made = Catalog(database)
        await made.start()
        yield made
        await made.stop()


@pytest.fixture
def ic4406() -> Path:
    found = shared_folder()
    if found is None:
        pytest.skip("The real data of IC 4406 (folder shared) are not beside us.")
    return found
