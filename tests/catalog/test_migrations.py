"""The schema that the migrations make is the one that the tables describe."""

import pytest

from muse_catalog.tables import metadata
from musecore.db import Database, is_current, model_differences, upgrade
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.catalog.catalog import Catalog


@pytest.mark.asyncio
async def test_migrations_make_the_tables(databases: TemplateDatabases) -> None:
    async with databases.database("catalog", "muse_catalog") as database:
        assert await is_current(database, "muse_catalog")
        assert await model_differences(database, metadata) == []


@pytest.mark.asyncio
async def test_keywords_and_frames_of_an_old_schema_are_found(
    databases: TemplateDatabases,
) -> None:
    file_id, frame_id = uuid7(), uuid7()
    names = {"id": file_id, "frame": frame_id}
    async with databases.url() as url:
        database = Database(url, "catalog")
        await upgrade(database, "muse_catalog", "0003")
        async with database.begin() as tx:
            await tx.execute(
                "INSERT INTO file (file_id, kind, tag, filename, arcfile, sha256, "
                "content_key, size, project, owner, state, night, mjd_us, keywords, "
                "quality_flags) VALUES (:id, 'raw', 'BIAS', 'old.fits', 'old', 'a', 'a', "
                "1, 'local', 'anna', 'STORED', '2014-06-24', 5, '{}', '{}')",
                names,
            )
            await tx.execute(
                "INSERT INTO frame (frame_id, file_id, chip_live) "
                "VALUES (:frame, :id, true)",
                names,
            )
            await tx.execute(
                "INSERT INTO keyword (file_id, hdu, extname, keywords) VALUES "
                '(:id, 0, \'\', \'{"B": 2, "A": "x", "AA": null}\'), '
                "(:id, 1, 'CHAN01', '{}')",
                names,
            )
        await upgrade(database, "muse_catalog")
        catalog = Catalog(database)
        await catalog.start()
        for q in ("header['A'] == 'x'", "header['B'] == 2", "header['AA'] is null"):
            asked = {"class": "BIAS", "q": f"{q} & night == 2014-06-24"}
            [found] = (await catalog.get("/objects", **asked))["items"]
            assert (found["frame_id"], found["mjd_us"]) == (str(frame_id), 5)
        await catalog.stop()
        await database.close()
