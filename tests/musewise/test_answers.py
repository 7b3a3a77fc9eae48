"""Tables, groups, files of every format: asked in Python and in the shell, for real."""

import csv
import io
import json
import os
import resource
import subprocess
import sys
from collections import Counter

import httpx
import pytest
from astropy import units as u
from astropy.table import QTable, Table
from typer.testing import CliRunner

from musecore.messages import FileStored
from musewise import Query
from musewise.classes import BIAS, MASTER_BIAS
from musewise.cli import app
from musewise.errors import (
    BrokenOffError,
    DiskFullError,
    Error,
    Exit,
    FileAway,
    RetrieveError,
    UsageError,
)
from musewise.exports import FORMATS, stream_rows
from musewise.session import Session
from musewise.settings import cache_place
from tests.catalog.catalog import finished, product, used
from tests.catalog.frames import make_object, make_product, make_raw
from tests.support.house import House


@pytest.fixture(scope="module")
def house(databases, tmp_path_factory):
    with House(databases, tmp_path_factory.mktemp("house")) as made:
        yield made


FILES = {f"bias{n}": make_raw(n) for n in (1, 2, 3)}
FILES |= {
    "hdfs": make_object(40),
    "abell": make_object(50, "Abell 478", EXPTIME=600.0, RA=63.35, DEC=10.47),
}


@pytest.fixture(scope="module")
def muse(house):
    with house.person("anna", local=5) as session:
        house.put(session, house.folder / "in", **FILES)
        yield session


@pytest.fixture
def asked(muse):
    """All objects, by name and IFU, on this server."""
    return Query(session=muse).order_by("filename", "nifu")


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


# -- broken off, no room
class Cut(httpx.HTTPTransport):
    """A network that goes away after so many bytes."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def handle_request(self, request):
        answer = super().handle_request(request)
        if "/export" not in request.url.path and "/stream" not in request.url.path:
            return answer
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_CutStream(answer.stream, self.left),
            extensions=answer.extensions,
        )


class _CutStream(httpx.SyncByteStream):
    def __init__(self, stream, left):
        self._stream, self._left = stream, left

    def __iter__(self):
        for chunk in self._stream:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                raise httpx.RemoteProtocolError("peer closed connection")

    def close(self):
        self._stream.close()


@pytest.fixture
def cut(muse):
    session = Session(muse.server, transport=Cut(150))
    yield session
    session.close()


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "fits"])
def test_an_export_that_is_broken_off_leaves_the_old_file(cut, tmp_path, name):
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(BrokenOffError, match="ended before it was whole"):
        Query(session=cut).to_file(path, name)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_stream_that_is_broken_off_is_seen(cut, asked, monkeypatch):
    with pytest.raises(BrokenOffError):
        list(stream_rows(Query(session=cut).select("filename")))
    whole = b"".join(_raw_stream(asked))
    lines = whole.splitlines()
    assert json.loads(lines[-1]) == {"complete": True, "count": 10}

    def without_end(connection, path, given):
        from contextlib import nullcontext

        return nullcontext(httpx.Response(200, content=b"\n".join(lines[:-1])))

    monkeypatch.setattr("musewise.exports._reading", without_end)
    with pytest.raises(BrokenOffError, match="after 10 rows"):
        list(stream_rows(asked))


def _raw_stream(asked):
    session = asked.session
    given = {**asked.parameters(), "columns": "filename"}
    with session.connection.stream("/catalog/objects/stream", params=given) as answer:
        yield from answer.iter_bytes()


def test_a_server_that_fails_on_the_way_ends_no_file(house, asked, tmp_path):
    from muse_catalog.service import Objects
    from musecore.errors import Unavailable

    sheet = Objects.sheet
    calls = []

    async def failing(self, *given, **more):
        calls.append(1)
        if len(calls) > 1:
            raise Unavailable("The database went away.")
        return await sheet(self, *given, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(Objects, "sheet", failing)
    patch.setattr(house.catalog._streams, "_page", 4)
    try:
        with pytest.raises(BrokenOffError):
            asked.select("filename").to_csv(tmp_path / "x.csv")
        calls.clear()
        with pytest.raises(Error, match="The database went away"):
            list(stream_rows(asked.select("filename")))
    finally:
        patch.undo()
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing_half_written(asked, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("old")
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, kept[1]))
    try:
        with pytest.raises(DiskFullError, match="There is no room for"):
            asked.to_jsonl(path)
        frame = asked.first()
        with pytest.raises(DiskFullError):
            frame.retrieve(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.jsonl"]


def test_a_file_that_does_not_fit_is_not_begun(asked, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("musewise.downloads.shutil.disk_usage", lambda _: usage)
    with pytest.raises(DiskFullError, match="has room for 100"):
        asked.first().retrieve(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_bundle_that_is_broken_off_has_no_script_and_is_gone_on_with(
    house, asked, tmp_path
):
    raw = [one for one in asked if one.filename in ("bias1.fits", "hdfs.fits")]
    read = [used(_as_stored(one), one.tag, one.ifu) for one in raw]
    made = product(
        make_product("DATACUBE_FINAL", value=3.0), "C.fits", "DATACUBE_FINAL"
    )
    house.tell(finished("muse_scipost", read, [made], project="bundles"))
    emil = house.person("emil", local=5, bundles=5)
    folder = tmp_path / "bundle"
    second = raw[-1]
    stored = house.blobs / "objects" / second.file_id
    stored.rename(house.folder / "kept")
    heard = []
    try:
        with pytest.raises(FileAway):
            emil.export(str(made.product_id), folder, told=heard.append)
    finally:
        (house.folder / "kept").rename(stored)
    assert not (folder / "run.sh").exists()
    assert list(folder.rglob("*.part")) == []
    emil.export(str(made.product_id), folder, told=heard.append)
    assert os.access(folder / "run.sh", os.X_OK)
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False
    )
    assert checked.returncode == 0
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, kept[1]))
    try:
        with pytest.raises(DiskFullError):
            emil.export(str(made.product_id), folder, told=heard.append)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert not (folder / "run.sh").exists()
    emil.close()


def _as_stored(frame):
    return FileStored.model_construct(
        file_id=frame.file_id,
        filename=frame.filename,
        sha256=frame.sha256,
        content_key=frame.content_key,
    )


# -- many files
def test_many_files_are_fetched_at_once_each_once(asked, muse, tmp_path):
    paths = muse.retrieve(asked, tmp_path / "data", jobs=4, progress=True)
    found = {path.name: path.read_bytes() for path in paths}
    assert found == {f"{name}.fits": content for name, content in FILES.items()}
    inodes = {path.stat().st_ino for path in paths}
    assert {path.stat().st_ino for path in muse.retrieve(asked, tmp_path / "data")} == (
        inodes
    )


def test_each_file_has_a_bar_and_all_have_one(monkeypatch):
    from rich.console import Console

    from musewise.display import bars

    console = Console(force_terminal=True, width=80, record=True, file=io.StringIO())
    monkeypatch.setattr(bars.consoles, "err", lambda: console)
    with bars.ManyBars(2, 30) as shown:
        with shown.file("a.fits", 10) as moved:
            moved(10)
            names = [task.description for task in shown._bar.tasks]
            assert names == ["0/2 files", "a.fits"]
        [whole] = shown._bar.tasks
        assert (whole.description, whole.completed) == ("1/2 files", 10)


def test_one_file_that_fails_stops_none_of_the_others(house, asked, muse, tmp_path):
    gone = next(one for one in asked if one.filename == "bias2.fits")
    stored = house.blobs / "objects" / gone.file_id
    stored.rename(house.folder / "kept")
    try:
        with pytest.raises(RetrieveError) as caught:
            muse.retrieve(asked, tmp_path)
    finally:
        (house.folder / "kept").rename(stored)
    assert list(caught.value.failures) == ["bias2.fits"]
    assert caught.value.detail.startswith(
        "1 of 5 files did not come; the first is bias2"
    )
    assert len(list(tmp_path.iterdir())) == 4
    assert len(muse.retrieve(asked, tmp_path)) == 5


def test_files_of_one_name_do_not_hide_each_other(house, muse, tmp_path):
    with house.person("dora", cubes=5) as dora:
        for n in (1, 2):
            files = {"CUBE": make_object(20 + n)}
            house.put(dora, tmp_path / str(n), project="cubes", **files)
        asked = Query(session=dora, where="filename == 'CUBE.fits'")
        paths = dora.retrieve(asked, tmp_path / "out")
    assert len({path.read_bytes() for path in paths}) == 2
    assert all(path.name.startswith("CUBE-") for path in paths)


def test_a_broken_off_download_goes_on_where_it_was(asked, tmp_path):
    frame = asked.first()
    content = FILES["abell"]
    assert frame.filename == "abell.fits"
    part = tmp_path / "abell.fits.part"
    part.write_bytes(content[:5000])
    assert frame.retrieve(tmp_path).read_bytes() == content
    part.write_bytes(b"x" * 5000)  # of another file: told apart by the sum
    assert frame.retrieve(tmp_path / "again.fits").read_bytes() == content


# -- the cache
@pytest.fixture
def caching(house, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSEWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MUSEWISE_CACHE_SIZE", "60 kB")
    with house.person("anna", local=5) as session:
        yield session


def _kept(tmp_path):
    return {path.name for path in (tmp_path / "cache").glob("??/*")}


def test_what_the_cache_has_is_linked_and_not_fetched(caching, house, tmp_path):
    frame = Query(session=caching).order_by("filename").first()
    first = frame.retrieve(tmp_path / "a.fits")
    assert _kept(tmp_path) == {frame.sha256}
    house.blobs.rename(house.folder / "away")
    try:
        second = frame.retrieve(tmp_path / "b.fits")
    finally:
        (house.folder / "away").rename(house.blobs)
    assert second.stat().st_ino == first.stat().st_ino
    with second.open("ab") as file:
        file.write(b"changed through the link")
    third = frame.retrieve(tmp_path / "c.fits")
    assert third.read_bytes() == FILES["abell"]


def test_the_cache_drops_what_was_not_used_for_the_longest_time(caching, tmp_path):
    frames = {one.filename: one for one in Query(session=caching)}
    sizes = {name: frame.size for name, frame in frames.items()}
    room = 60_000 // max(sizes.values())
    order = sorted(frames)[: room + 1]
    for name in order[:room]:
        frames[name].retrieve(tmp_path / "one" / name)
    for n, name in enumerate(order[:room]):
        kept = tmp_path / "cache" / frames[name].sha256[:2] / frames[name].sha256
        os.utime(kept, (1000 + n, 1000 + n))
    frames[order[0]].retrieve(tmp_path / "two" / order[0])  # used again
    frames[order[room]].retrieve(tmp_path / "two" / order[room])
    gone = {frames[name].sha256 for name in order} - _kept(tmp_path)
    assert gone == {frames[order[1]].sha256}


def test_the_size_of_the_cache_is_written_with_a_unit():
    env = {"MUSEWISE_CACHE": "/c", "MUSEWISE_CACHE_SIZE": "1.5 GB"}
    assert cache_place(env)[1] == 1_500_000_000
    assert cache_place({}) is None
    with pytest.raises(UsageError, match=r"20 GB"):
        cache_place({**env, "MUSEWISE_CACHE_SIZE": "big"})


# -- the script of wget
def test_the_script_fetches_all_and_goes_on_where_it_broke(asked, muse, tmp_path):
    script = asked.wget_script(tmp_path / "get.sh")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "bias1.fits.part").write_bytes(FILES["bias1"][:4000])
    (folder / "hdfs.fits").write_bytes(b"another file")
    env = {"PATH": os.environ["PATH"], "MUSEWISE_TOKEN": muse.server.token}
    done = subprocess.run(
        [script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "hdfs.fits").read_bytes() == b"another file"
    [other] = folder.glob("*-hdfs.fits")
    assert other.read_bytes() == FILES["hdfs"]
    assert (folder / "bias1.fits").read_bytes() == FILES["bias1"]
    assert len(list(folder.iterdir())) == 6
    again = subprocess.run([script], cwd=folder, env=env, capture_output=True)
    assert (again.returncode, again.stderr) == (0, b"")
    wrong = {**env, "MUSEWISE_TOKEN": "no"}
    (folder / "abell.fits").unlink()
    failed = subprocess.run([script], cwd=folder, env=wrong, capture_output=True)
    assert failed.returncode == 1
    assert b"1 files are missing." in failed.stderr


# -- the shell
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
