"""The schema that the migrations make is the one that the tables describe."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from muse_catalog.tables import metadata
from musecore.db import Database, is_current, model_differences, upgrade
from musecore.fits import compress_headers, scan
from musecore.testing import TemplateDatabases
from musecore.times import uuid7
from tests.catalog.catalog import Catalog
from tests.support.real_files import CUBE, need

EXPOSURE = "MUSE.2014-12-08T02:48:56.798.fits"


@pytest.mark.asyncio
async def test_migrations_make_the_tables(databases: TemplateDatabases) -> None:
    async with databases.database("catalog", "muse_catalog") as database:
        assert await is_current(database, "muse_catalog")
        assert await model_differences(database, metadata) == []


@pytest.mark.asyncio
async def test_what_headers_tell_is_read_again_by_the_upgrade(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("catalog") as database:
        await upgrade(database, "muse_catalog", "0003")
        cube, raw = await _fill_revision_3(database)
        await upgrade(database, "muse_catalog")
        told = await _row(
            database, "SELECT keywords FROM file WHERE file_id = :id", cube
        )
        assert told["keywords"]["wave_step"] == 1.25
        assert "tel_ambi_fwhm_start" not in told["keywords"]  # it was -1
        runs = await _row(
            database,
            "SELECT array_agg(recipe ORDER BY attempt) AS recipes, count(started) AS n "
            "FROM task_run WHERE task_id = :id",
            cube,
        )
        recipes = ["muse_exp_combine", "muse_scipost", "muse_scibasic"]
        assert runs == {"recipes": recipes, "n": 0}
        inputs = await _row(
            database,
            "SELECT count(*) AS n, array_agg(file_id) FILTER (WHERE sha256 = 'raw') "
            "AS healed FROM lineage WHERE task_id = :id",
            cube,
        )
        assert inputs == {"n": 63, "healed": [raw]}
        values = await _row(
            database,
            "SELECT count(*) AS n FROM qc JOIN frame USING (frame_id) "
            "WHERE file_id = :id",
            cube,
        )
        assert values == {"n": 32}


async def _fill_revision_3(database: Database) -> tuple[UUID, UUID]:
    """Add the real cube and its raw exposure as revision 0003 kept them."""
    cube, raw = uuid4(), uuid4()
    file = (
        "INSERT INTO file (file_id, kind, tag, filename, arcfile, sha256, content_key, "
        "size, project, owner, state, recipe, keywords, quality_flags) VALUES (:id, "
        ":kind, :tag, :name, :arcfile, :sha, 'c', 1, 'local', 'anna', 'STORED', "
        ":recipe, CAST(:keywords AS jsonb), '{}')"
    )
    columns = json.dumps({"tel_ambi_fwhm_start": -1.0})
    product = {"kind": "product", "tag": "DATACUBE_FINAL", "sha": "cube"}
    exposure = {"kind": "raw", "tag": "OBJECT", "sha": "raw", "arcfile": EXPOSURE}
    async with database.begin() as tx:
        for told in (
            {
                "id": cube,
                **product,
                "name": "c.fits",
                "arcfile": EXPOSURE,
                "recipe": "x",
            },
            {"id": raw, **exposure, "name": "r.fits", "recipe": None},
        ):
            await tx.execute(file, {**told, "keywords": columns})
        await tx.execute(
            "INSERT INTO frame (frame_id, file_id, chip_live) VALUES (:f, :id, true)",
            {"f": uuid4(), "id": cube},
        )
        packed = compress_headers(scan(need(CUBE)).hdus)
        await tx.execute(
            "INSERT INTO header VALUES (:id, :packed)", {"id": cube, "packed": packed}
        )
    return cube, raw


async def _row(database: Database, query: str, file_id: UUID) -> dict[str, Any]:
    async with database.begin() as tx:
        found = await tx.execute(query, {"id": file_id})
        return dict(found.one()._mapping)


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
                "content_key, size, project, owner, state, night, mjd_us, exptime_s, target, "
                "keywords, quality_flags) VALUES (:id, 'raw', 'BIAS', 'old.fits', 'old', 'a', 'a', "
                "1, 'local', 'anna', 'STORED', '2014-06-24', 5, 30, 'HDFS', '{}', '{}')",
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
        in_header = ("header['A'] == 'x'", "header['B'] == 2", "header['AA'] is null")
        for q in (*in_header, "exptime == 30 & target == 'HDFS'"):
            asked = {"class": "BIAS", "q": f"{q} & night == 2014-06-24"}
            [found] = (await catalog.get("/objects", **asked))["items"]
            assert (found["frame_id"], found["mjd_us"]) == (str(frame_id), 5)
        await catalog.stop()
        await database.close()
