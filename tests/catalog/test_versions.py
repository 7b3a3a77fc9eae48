"""Versions compare in Python and in PostgreSQL alike, as packages' versions do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from sqlalchemy import column, select, values
from sqlalchemy import types as sql

from muse_catalog.rules import version_key
from muse_catalog.store.versions import version_key as key_in_sql
from musecore.db import Database
from musecore.testing import TemplateDatabases

TEXTS = [
    "muse/1.0", "muse/1.4a2", "muse/1.4b1", "muse/1.4.b2", "muse/1.4-rc1", "muse/1.4", "1.4.0.0", "1.4.0.1",
    "muse/2.5.0", "2.5", "muse/2.8.7-1", "muse/2.8.10", "cpl-6.5.1", "cpl-7.1", "7.3.2", "v0.31", "1.0b1", "0", "00.0",
    "1.4dev", "2.5.0DEV3", "1.b", "", "muse/", "newest", "1.4b1x", "1.4.x", "1..4", "muse/1.4beta", "9" * 16, "ü/1",
]  # fmt: skip

_numbers = st.lists(st.integers(0, 99), min_size=1, max_size=4)
_stage = st.sampled_from(["", "a1", "b1", "b2", "rc1"])
_versions = st.tuples(_numbers, _stage).map(
    lambda one: ".".join(map(str, one[0])) + one[1]
)


@given(st.lists(_versions, min_size=2, max_size=6))
def test_versions_are_in_the_order_of_packages(texts: list[str]) -> None:
    ours = {text: version_key(f"muse/{text}") for text in texts}
    for a, b in itertools.product(texts, repeat=2):
        left, right = ours[a], ours[b]
        assert left is not None
        assert right is not None
        assert (left < right) == (Version(a) < Version(b)), (a, b)
        assert (left == right) == (Version(a) == Version(b)), (a, b)


@pytest.mark.asyncio
async def test_postgresql_reads_versions_as_python_does(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("catalog", "muse_catalog") as database:
        found = await _keys(database)
    assert found == {text: version_key(text) for text in TEXTS}
    assert [text for text in TEXTS if found[text] is None] == TEXTS[22:]


async def _keys(database: Database) -> dict[str, list[int] | None]:
    given = values(column("t", sql.String), name="given").data([(t,) for t in TEXTS])
    async with database.begin() as tx:
        rows = await tx.session.execute(select(given.c.t, key_in_sql(given.c.t)))
        return {row[0]: row[1] for row in rows}
