"""The schema that the migrations make is the one that the tables describe."""

import pytest

from muse_storage.tables import metadata
from musecore.db import is_current, model_differences
from musecore.testing import TemplateDatabases


@pytest.mark.asyncio
async def test_migrations_make_the_tables(databases: TemplateDatabases) -> None:
    async with databases.database("storage", "muse_storage") as database:
        assert await is_current(database, "muse_storage")
        assert await model_differences(database, metadata) == []
