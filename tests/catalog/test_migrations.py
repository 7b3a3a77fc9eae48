"""The schema that the migrations make is the one that the tables describe."""

import pytest

from muse_catalog.tables import metadata
from musecore.db import is_current, model_differences
from musecore.testing import TemplateDatabases


@pytest.mark.asyncio
async def test_migrations_make_the_tables(databases: TemplateDatabases) -> None:
    async with databases.database("catalog", "muse_catalog") as database:
        assert await is_current(database, "muse_catalog")
        assert await model_differences(database, metadata) == []
