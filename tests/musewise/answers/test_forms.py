"""Groups, and files of every format: asked in Python and in the shell, for real."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from astropy import units as u
from astropy.table import QTable, Table
from typer.testing import CliRunner

from musewise import Query
from musewise.classes import BIAS, MASTER_BIAS
from musewise.cli import app
from musewise.errors import (
    Error,
    Exit,
    UnknownAttributeError,
    UsageError,
)
from musewise.exports import stream_rows


# -- groups
def test_groups_are_a_table_with_units(asked):
    table = asked.group_by(BIAS.OBJECT).agg(n="count", exptime="median").to_table()
    rows = sorted(zip(table["OBJECT"], table["n"], table["exptime"], strict=True))
    assert rows == [
        ("Abell 478", 2, 600.0 * u.s),
        ("BIAS", 6, 0.0 * u.s),
        ("HDFS", 2, 900.0 * u.s),
    ]
    assert table["exptime"].unit == u.s


def test_groups_say_themselves_and_come_back_from_a_url(asked):
    query = (
        asked.group_by("nifu", BIAS.header["ESO INS MODE"])
        .agg(n="count", worst=("max", MASTER_BIAS.ron), first="min(DATE_OBS)")
        .order_by("-n")
    )
    assert query.parameters() == {
        "order": "-n",
        "group": 'nifu, header["ESO INS MODE"]',
        "agg": "n=count, worst=max(ron), first=min(DATE_OBS)",
    }
    again = Query.from_url(query.url()).bound_to(asked.session)
    assert again.parameters() == query.parameters()
    assert again.table_rows() == query.table_rows()
    assert [row[:3] for row in query.table_rows()[1]] == [
        [1, "WFM-NONAO-N", 5],
        [2, "WFM-NONAO-N", 5],
    ]


def test_facets_count_the_values(asked):
    assert asked.facets(BIAS.nifu, "target") == {
        "nifu": {1: 5, 2: 5},
        "target": {"CALIB": 6, "Abell 478": 2, "HDFS": 2},
    }


def test_objects_are_found_near_a_name(asked, muse):
    found = {one.filename for one in asked.near("HDFS", radius="1 arcmin")}
    assert found == {"hdfs.fits"}
    assert {one.filename for one in asked.near(63.35, 10.47)} == {"abell.fits"}
    with pytest.raises(Error, match="Did you mean 'Abell 478'"):
        asked.near("abell478").count()


# -- files
def test_every_format_is_a_file_that_is_read_again(asked, tmp_path):
    query = asked.select("filename", "nifu", "EXPTIME", "ron")
    Table.read(query.to_votable(tmp_path / "a.vot"))
    fits = QTable.read(query.to_fits(tmp_path / "a.fits"), hdu=1)
    assert fits["EXPTIME"].unit == u.s
    with query.to_csv(tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    lines = query.to_jsonl(tmp_path / "a.jsonl").read_text().splitlines()
    import pyarrow.parquet as pq

    parquet = pq.read_table(query.to_parquet(tmp_path / "a.parquet"))
    names = [row["filename"] for row in rows]
    assert len(names) == 10
    assert [json.loads(line)["filename"] for line in lines] == names
    assert parquet.column("filename").to_pylist() == names
    assert list(fits["filename"]) == names
    sums = asked.file_list(tmp_path / "SHA256SUMS").read_text().splitlines()
    assert Counter(line.split("  ")[1] for line in sums) == Counter(set(names))


def test_frames_of_pandas_and_polars_keep_types_and_what_is_unknown(asked):
    query = asked.select("filename", "nifu", "EXPTIME", "DATE_OBS", "ron", "night")
    frame = query.to_pandas()
    assert len(frame) == 10
    assert frame.attrs["units"] == {"EXPTIME": "s", "ron": "count"}
    assert str(frame["nifu"].dtype) == "Int64"
    assert frame["DATE_OBS"].dtype.kind == "M"
    assert frame["ron"].isna().all()
    polars = query.to_polars()
    assert polars["filename"].to_list() == list(frame["filename"])
    assert polars["DATE_OBS"].dtype.is_temporal()


def test_pandas_goes_without_pyarrow(asked, monkeypatch):
    query = asked.select("filename", "EXPTIME")
    with_arrow = query.to_pandas()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    without = query.to_pandas()
    assert list(without["EXPTIME"]) == list(with_arrow["EXPTIME"])
    assert without.attrs["units"] == {"EXPTIME": "s"}


@pytest.mark.parametrize("package", ["pandas", "polars", "astropy"])
def test_what_is_not_installed_is_named(package, tmp_path):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        f"sys.modules[{package + '.table'!r}] = None\n"
        "from musewise import tables\n"
        "from musewise.errors import UsageError\n"
        "ask = {'pandas': lambda: tables.pandas_of_arrow(bytes),\n"
        "       'polars': lambda: tables.polars_of_arrow(bytes),\n"
        "       'astropy': lambda: tables.astropy_table([], [])}\n"
        f"try: ask[{package!r}]()\n"
        "except UsageError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == f"This needs {package}. pip install {package}"


def test_an_unknown_format_names_the_nearest(asked, tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'votable'"):
        asked.to_file(tmp_path / "x", "votabel")


def test_rows_are_streamed_and_counted(asked):
    columns, *rows = stream_rows(asked.select("filename").limit(4))
    assert [column["name"] for column in columns] == ["filename"]
    assert len(rows) == 4


# -- objects
def test_an_object_has_the_attributes_of_its_class(asked):
    bias = next(one for one in asked if one.filename == "bias1.fits")
    assert (bias.nifu, bias.dpr_type, bias.EXPTIME) == (1, "BIAS", 0.0)
    begin = datetime(2014, 6, 25, 0, 1, 11, 448000, UTC)
    assert abs(bias.DATE_OBS - begin) < timedelta(milliseconds=1)
    assert bias.night == "2014-06-24"
    with pytest.raises(UnknownAttributeError, match="Did you mean 'exptime'"):
        bias.exptme  # noqa: B018
    with pytest.raises(AttributeError, match="in a condition"):
        bias.processing  # noqa: B018
    assert not hasattr(bias, "_ipython_display_")


# -- the shell
def test_a_condition_may_stand_without_a_class(shell):
    told = json.loads(shell("ls", "exptime == 600", "--json").stdout)
    assert {one["filename"] for one in told} == {"abell.fits"}
    assert shell("count", 'target == "Abell 478"').stdout.split() == ["2"]
    shown = shell("ls", "nifu == 2 & EXPTIME > 700", "--cols", "filename", "--json")
    assert json.loads(shown.stdout) == [{"filename": "hdfs.fits"}]


def test_the_token_and_the_address_are_ready_for_curl(shell, muse):
    token = shell("token").stdout.strip()
    assert token == muse.server.token
    address = shell("url", "BIAS", 'night == 2014-06-24 & header["X"] is null').stdout
    assert not set(' []"') & set(address.strip())
    answer = httpx.get(address.strip(), headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 6)


@pytest.fixture
def shell(muse):
    def run(*arguments):
        named = [*arguments, "--url", muse.server.url, "--token", muse.server.token]
        return CliRunner().invoke(app, named, env={"COLUMNS": "120"})

    return run


def test_ls_writes_files_and_csv(shell, tmp_path):
    done = shell("ls", "BIAS", "nifu == 1", "--cols", "filename,nifu", "--csv")
    assert done.exit_code == 0, done.stderr
    assert sorted(done.stdout.split()) == [
        "bias1.fits,1", "bias2.fits,1", "bias3.fits,1", "filename,nifu"
    ]  # fmt: skip
    path = tmp_path / "x.vot"
    done = shell("ls", "OBJECT", "--format", "votable", "-o", str(path))
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert len(Table.read(path)) == 4
    done = shell("ls", "OBJECT", "--format", "votabel")
    assert done.exit_code == Exit.USER
    assert "Did you mean 'votable'" in done.stderr


def test_ls_groups_and_facets_count(shell):
    done = shell("ls", "--group", "target", "--agg", "n=count", "--order=-n", "--json")
    rows = json.loads(done.stdout)
    assert rows[0] == {"target": "CALIB", "n": 6}
    done = shell("facets", "--by", "nifu,target", "--json")
    assert json.loads(done.stdout)["nifu"] == [
        {"value": 1, "count": json.loads(done.stdout)["nifu"][0]["count"]},
        {"value": 2, "count": json.loads(done.stdout)["nifu"][1]["count"]},
    ]
    assert "CALIB" in shell("facets", "--by", "target").stdout


def test_access_is_asked_for_and_seen_in_the_shell(house, shell, muse):
    with house.person("carla", mxdf=5) as carla:
        done = shell("count", "BIAS", "--project", "mxdf")
        assert (done.exit_code, "owners: Carla" in done.stderr) == (
            Exit.NOT_ALLOWED,
            True,
        )
        assert shell("request-access", "mxdf", "--reason", "please").exit_code == 0
        named = ["--url", muse.server.url, "--token", carla.server.token]
        seen = CliRunner().invoke(app, ["access-requests", "mxdf", *named])
    assert "anna" in seen.stdout
    assert "please" in seen.stdout


def test_get_takes_a_condition_and_several_ids(shell, tmp_path):
    asked = ["BIAS", "filename ~ 'bias?.fits'"]
    done = shell("get", "--query", *asked, "-o", str(tmp_path / "q"), "--jobs", "2")
    assert done.exit_code == 0, done.stderr
    assert sorted(os.listdir(tmp_path / "q")) == ["bias1.fits", "bias2.fits", "bias3.fits"]  # fmt: skip
