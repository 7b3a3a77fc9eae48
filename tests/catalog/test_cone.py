"""A cone is the same in PostgreSQL as on the sphere: at 0 deg, at poles, very large."""

import itertools

import numpy as np
import pytest
from astropy.coordinates import angular_separation
from sqlalchemy import func, literal_column, select

from muse_catalog.models.query import Box, Cone
from muse_catalog.store.query_sky import in_box, in_cone
from muse_catalog.tables import FileRow
from musecore.db import Transaction
from musecore.testing import TemplateDatabases

pytestmark = pytest.mark.asyncio

RA = [0.0, 0.4, 5.0, 63.35, 179.9, 180.1, 300.0, 359.7, 359.999]
DEC = [-90.0, -89.6, -60.0, -0.3, 0.0, 0.7, 45.0, 89.9, 90.0]
PLACES = list(itertools.product(RA, DEC))
RADII = [1e-6, 0.55, 1.05, 30.1, 89.95, 90.15, 179.05]


async def _with_places(tx: Transaction) -> None:
    """Let a table of the places stand before that of the files."""
    await tx.execute(
        "CREATE TEMP TABLE file AS SELECT n, ra, dec FROM unnest(CAST(:ra AS float8[]), "
        "CAST(:dec AS float8[])) WITH ORDINALITY AS p(ra, dec, n)",
        {"ra": [ra for ra, _ in PLACES], "dec": [dec for _, dec in PLACES]},
    )


async def _found(tx: Transaction, condition) -> set[int]:
    n = literal_column("n")
    asked = select(func.array_agg(n)).select_from(FileRow.__table__).where(condition)
    return {one - 1 for one in (await tx.session.execute(asked)).scalar_one() or ()}


async def test_a_cone_has_what_is_near_enough_on_the_sphere(
    databases: TemplateDatabases,
) -> None:
    ra, dec = np.radians(np.array(PLACES)).T
    catalogue = databases.database("catalog", "muse_catalog")
    async with catalogue as database, database.begin() as tx:
        await _with_places(tx)
        for radius, (at_ra, at_dec) in itertools.product(RADII, PLACES[::4]):
            away = angular_separation(np.radians(at_ra), np.radians(at_dec), ra, dec)
            near = set(np.flatnonzero(np.degrees(away) <= radius))
            cone = Cone(ra=at_ra, dec=at_dec, radius=radius)
            assert await _found(tx, in_cone(cone)) == near, cone


async def test_a_box_may_go_over_0_deg(databases: TemplateDatabases) -> None:
    catalogue = databases.database("catalog", "muse_catalog")
    async with catalogue as database, database.begin() as tx:
        await _with_places(tx)
        box = Box(ra_low=359.7, ra_high=0.4, dec_low=0, dec_high=1)
        found = {PLACES[n] for n in await _found(tx, in_box(box))}
    assert {ra for ra, _ in found} == {0.0, 0.4, 359.7, 359.999}
    assert {dec for _, dec in found} == {0.0, 0.7}
