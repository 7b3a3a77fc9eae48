"""Large answers: streamed whole, in every format, seen when they are broken off."""

import asyncio
import io
import json
import subprocess
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.io.votable import parse_single_table
from astropy.table import QTable, Table

from muse_catalog.api.streams import alive
from muse_catalog.service import Objects, Streams
from musecore.muse.schema import load
from tests.catalog.catalog import ANNA, Catalog, stored
from tests.catalog.frames import make_object
from tests.catalog.test_objects import _night

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("ignore::astropy.units.UnitsWarning"),
]

COLUMNS = (
    "filename, nifu, EXPTIME, ron, DATE_OBS, night, is_valid, chip_live, tpl_nexp, "
    "quality_flags, header['ESO INS OPTI1 NAME'], qc['BIAS MASTER1 RON'], ins_temp4_val"
)
ORDER = "filename, nifu"


async def _export(catalog: Catalog, name: str, **asked: Any) -> bytes:
    given = {"columns": COLUMNS, "order": ORDER, **asked}
    async with catalog.client() as client:
        answer = await client.get("/objects/export", params={"format": name, **given})
    assert answer.status_code == 200, answer.text
    return answer.content


async def _truth(catalog: Catalog) -> list[list[Any]]:
    """Give the same rows page by page, as the table has them."""
    return list(
        (await catalog.get("/objects/table", columns=COLUMNS, order=ORDER))["rows"]
    )


def _like(value: Any, wanted: Any) -> bool:
    """Say whether a cell of a table that was read is what was written."""
    if value is np.ma.masked or value is None:
        return wanted in (None, [])
    if isinstance(value, u.Quantity):
        value = value.value
    if isinstance(wanted, float):
        return bool(float(value) == wanted) or (wanted is None and np.isnan(value))
    if isinstance(wanted, list):
        return str(value) == ",".join(wanted)
    if isinstance(wanted, str) and wanted.endswith("+00:00"):
        return f"{value}+00:00" == wanted
    return bool(value == wanted)


async def _same(catalog: Catalog, table: Any) -> None:
    truth = await _truth(catalog)
    assert len(table) == len(truth) == 12
    for row, wanted in zip(table, truth, strict=True):
        for name, cell in zip(table.colnames, wanted, strict=True):
            assert _like(row[name], cell), (name, row[name], cell)


async def test_a_votable_comes_back_with_units_ucds_and_what_is_unknown(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    content = await _export(catalog, "votable")
    table = parse_single_table(io.BytesIO(content), verify="exception")
    fields = {field.name: field for field in table.fields}
    assert (fields["EXPTIME"].unit, fields["EXPTIME"].ucd) == (
        u.s,
        "time.duration;obs.exposure",
    )
    assert str(fields["ins_temp4_val"].unit) == "deg_C"
    assert (
        fields["ron"].description == "read-out noise; the largest of the four quadrants"
    )
    await _same(catalog, table.to_table(use_names_over_ids=True))


async def test_a_fits_table_comes_back_with_units_and_what_is_unknown(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    content = await _export(catalog, "fits")
    assert len(content) % 2880 == 0
    with fits.open(io.BytesIO(content)) as hdus:
        hdus.verify("exception")
        header = hdus[1].header
        assert header["TUCD3"] == "time.duration;obs.exposure"
    table = Table.read(io.BytesIO(content), hdu=1)
    assert (table["EXPTIME"].unit, table["ron"].unit) == (u.s, u.count)
    assert table["ins_temp4_val"].unit == u.deg_C
    await _same(catalog, table)


async def test_csv_comes_back_with_units_where_it_says_them(catalog: Catalog) -> None:
    await _night(catalog)
    table = Table.read((await _export(catalog, "ecsv")).decode(), format="ascii.ecsv")
    assert (table["EXPTIME"].unit, table["EXPTIME"].meta["ucd"]) == (
        u.s,
        "time.duration;obs.exposure",
    )
    await _same(catalog, table)
    plain = (await _export(catalog, "csv")).decode()
    assert plain.splitlines()[0].startswith("filename,nifu,EXPTIME,ron,DATE_OBS")
    read = Table.read(plain, format="ascii.csv")
    assert list(read["filename"]) == list(table["filename"])
    assert list(read["ron"].mask) == list(table["ron"].mask)


async def test_parquet_comes_back_with_types_units_and_what_is_unknown(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    content = await _export(catalog, "parquet")
    table = pq.read_table(io.BytesIO(content))
    exptime = table.schema.field("EXPTIME")
    assert exptime.metadata == {
        b"unit": b"s",
        b"ucd": b"time.duration;obs.exposure",
        b"description": b"exposure time",
    }
    rows = table.to_pylist()
    truth = await _truth(catalog)
    assert [row["ron"] for row in rows] == [row[3] for row in truth]
    assert [row["nifu"] for row in rows] == [row[1] for row in truth]
    assert [row["DATE_OBS"].isoformat() for row in rows] == [row[4] for row in truth]
    assert {type(row["night"]) for row in rows} == {date}
    assert rows[0]["DATE_OBS"].tzinfo is not None
    numbers = await _export(catalog, "parquet", columns="EXPTIME")
    voparquet = Table.read(io.BytesIO(numbers), format="parquet.votable")
    assert voparquet["EXPTIME"].unit == u.s


async def test_json_lines_and_the_arrow_stream_say_the_same(catalog: Catalog) -> None:
    await _night(catalog)
    lines = [json.loads(one) for one in (await _export(catalog, "jsonl")).splitlines()]
    truth = await _truth(catalog)
    assert [list(line.values()) for line in lines] == truth
    arrow = pa.ipc.open_stream(await _export(catalog, "arrow")).read_all()
    assert arrow.column("EXPTIME").to_pylist() == [row[2] for row in truth]


@pytest.mark.parametrize(
    "name", ["votable", "fits", "csv", "ecsv", "parquet", "jsonl", "arrow"]
)
async def test_an_answer_without_rows_is_a_whole_file(
    catalog: Catalog, name: str
) -> None:
    content = await _export(catalog, name)
    match name:
        case "votable":
            assert len(parse_single_table(io.BytesIO(content)).array) == 0
        case "fits":
            assert len(Table.read(io.BytesIO(content), hdu=1)) == 0
        case "parquet":
            assert pq.read_table(io.BytesIO(content)).num_rows == 0
        case "arrow":
            assert pa.ipc.open_stream(content).read_all().num_rows == 0
        case "ecsv":
            assert QTable.read(content.decode(), format="ascii.ecsv").colnames[:2] == [
                "filename",
                "nifu",
            ]
        case _:
            assert len(content.splitlines()) == (name == "csv")


async def test_groups_are_exported_too(catalog: Catalog) -> None:
    await _night(catalog)
    content = await _export(
        catalog, "csv", columns="", group="class", agg="n=count", order="-n, class"
    )
    assert content.decode().split() == [
        "class,n",
        "BIAS,6",
        "OBJECT,4",
        "DATACUBE_FINAL,1",
        "MASTER_BIAS,1",
    ]


async def test_texts_that_formats_cannot_carry_are_still_readable(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    frame = (await catalog.get("/frames", filename="hdfs.fits", ifu=1))["items"][0]
    async with catalog.client() as client:
        path = f"/frames/{frame['frame_id']}"
        body = {"is_valid": False, "reason": 'Größe <1", & "x",\x07\ny'}
        assert (await client.patch(path, json=body)).status_code == 200
    asked = {"columns": "is_valid_reason", "q": "is_valid == 'no'"}
    vot = parse_single_table(io.BytesIO(await _export(catalog, "votable", **asked)))
    assert vot.array["is_valid_reason"][0] == 'Größe <1", & "x",\ny'
    table = Table.read(io.BytesIO(await _export(catalog, "fits", **asked)), hdu=1)
    assert table["is_valid_reason"][0].startswith("Gr\\xf6\\xdfe <1")
    lines = await _export(catalog, "jsonl", **asked)
    assert json.loads(lines)["is_valid_reason"] == body["reason"]


async def test_what_is_no_number_is_not_known(catalog: Catalog) -> None:
    await _night(catalog)
    async with catalog.database.begin() as tx:
        await tx.execute(
            "UPDATE frame SET exptime_s = 'NaN' FROM file f "
            "WHERE f.file_id = frame.file_id AND f.filename = 'hdfs.fits'"
        )
        await tx.execute("UPDATE frame SET exptime_s = '-Infinity' WHERE tag = 'BIAS'")
    asked = {"columns": "EXPTIME", "q": "kind == 'raw'", "order": ORDER}
    rows = (await catalog.get("/objects/table", **asked))["rows"]
    assert rows == [[600.0], [600.0]] + [[None]] * 8
    lines = (await _export(catalog, "jsonl", **asked)).splitlines()
    assert [json.loads(line)["EXPTIME"] for line in lines] == [row[0] for row in rows]


# -- lists of files
async def test_a_list_of_files_names_each_once(catalog: Catalog) -> None:
    await _night(catalog)
    lines = (await _export(catalog, "files", q="kind == 'raw'")).decode().splitlines()
    assert sorted(line.split("  ")[1] for line in lines) == [
        "abell.fits",
        "bias1.fits",
        "bias2.fits",
        "bias3.fits",
        "hdfs.fits",
    ]
    limited = await _export(catalog, "files", order="-exptime, -ifu", limit=3)
    names = [line.split("  ")[1] for line in limited.decode().splitlines()]
    assert names == ["hdfs.fits", "abell.fits"]


async def test_the_script_of_wget_is_a_script(catalog: Catalog) -> None:
    await catalog.put(make_object(3), "a '$(touch x)' b.fits")
    content = await _export(catalog, "wget", storage="http://site/storage")
    checked = await asyncio.to_thread(_sh, content, "-n")
    assert checked.returncode == 0, checked.stderr
    done = await asyncio.to_thread(_sh, content)
    assert done.returncode == 2
    assert b"export MUSEWISE_TOKEN=$(musewise token)" in done.stderr
    assert b"base=${MUSEWISE_STORAGE_URL:-http://site/storage}" in content


def _sh(script: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["sh", *options], input=script, capture_output=True, env=environment
    )


# -- streams
async def _stream(catalog: Catalog, **asked: Any) -> list[Any]:
    async with catalog.client() as client:
        answer = await client.get("/objects/stream", params=asked)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines() if line]


async def test_a_stream_ends_with_how_many_there_were(catalog: Catalog) -> None:
    await _night(catalog)
    head, *rows, last = await _stream(catalog, columns="filename", order="filename")
    assert [column["name"] for column in head["columns"]] == ["filename"]
    assert last == {"complete": True, "count": 12}
    assert len(rows) == 12
    _, *frames, last = await _stream(catalog, limit=5)
    assert (len(frames), last["count"]) == (5, 5)
    assert {"frame_id", "filename", "tag"} <= set(frames[0])


async def test_a_tree_is_streamed_and_exported_too(catalog: Catalog) -> None:
    await _night(catalog)
    forms = await catalog.get("/objects/forms", columns="filename", q="ifu == 1")
    async with catalog.client() as client:
        body = {"query": forms["tree"], "limit": 3}
        lines = (await client.post("/objects/stream", json=body)).text.splitlines()
        exported = await client.post("/objects/export", json={**body, "format": "csv"})
    assert json.loads(lines[-1]) == {"complete": True, "count": 3}
    assert [json.loads(one)[0] for one in lines[1:-1]] == exported.text.split()[1:]
    assert exported.headers["content-disposition"].endswith('"objects.csv"')


async def test_a_stream_of_many_pages_gives_every_object_once(catalog: Catalog) -> None:
    await catalog.tell(*(stored(make_object(n), f"o{n:02}.fits") for n in range(30)))
    asked = Objects(catalog.database, load())
    query = (await catalog.get("/objects/forms", columns="id", order="-ifu, exptime"))["tree"]  # fmt: skip
    from muse_catalog.models.query import ObjectQuery

    streams = Streams(asked, page=7)
    found = []
    async for sheet in streams.sheets(ANNA, ObjectQuery.model_validate(query), None):
        assert len(sheet.rows) <= 7
        found += [str(row[0]) for row in sheet.rows]
    assert len(found) == len(set(found)) == 60


async def test_what_is_wrong_with_a_question_is_said_before_the_stream(
    catalog: Catalog,
) -> None:
    async with catalog.client() as client:
        for path in ("/objects/stream", "/objects/export"):
            asked = {"q": "rno > 3", "columns": "ifu"}
            if path.endswith("export"):
                asked["format"] = "votable"
            answer = await client.get(path, params=asked)
            assert answer.status_code == 422
            assert "Did you mean 'ron'" in answer.json()["detail"]


async def test_a_reader_hears_a_sign_of_life_while_nothing_comes() -> None:
    async def slow() -> Any:
        yield b"a"
        await asyncio.sleep(0.12)
        yield b"b"

    heard = [piece async for piece in alive(slow(), 0.05, b"\n")]
    assert heard[0] == b"a"
    assert heard[-1] == b"b"
    assert set(heard[1:-1]) == {b"\n"}
    assert len(heard) >= 4
