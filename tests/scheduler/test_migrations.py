"""The schema: from nothing to the tables of the code, and what it refuses."""

import pytest

from muse_scheduler.models import TRANSITIONS
from muse_scheduler.tables import metadata
from musecore.db import is_current, model_differences, upgrade
from musecore.testing import TemplateDatabases


@pytest.mark.asyncio
async def test_the_schema_is_made_from_nothing_and_has_not_drifted(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler") as database:
        await upgrade(database, "muse_scheduler")
        await upgrade(database, "muse_scheduler")
        assert await is_current(database, "muse_scheduler")
        assert await model_differences(database, metadata) == []


@pytest.mark.asyncio
async def test_the_table_of_transitions_is_the_state_machine(
    databases: TemplateDatabases,
) -> None:
    async with (
        databases.database("scheduler", "muse_scheduler") as database,
        database.begin() as tx,
    ):
        found = await tx.execute("SELECT from_state, to_state FROM transition")
        kept = {(row[0], row[1]) for row in found}
    assert kept == {(old.value, new.value) for old, new in TRANSITIONS}
