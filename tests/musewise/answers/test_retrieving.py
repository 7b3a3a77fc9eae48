"""Many files at once: resumed, counted, kept in a cache, or by a script of wget."""

import io
import os
import subprocess

import pytest

from musewise import Query
from musewise.errors import (
    RetrieveError,
    UsageError,
)
from musewise.settings import cache_place
from tests.catalog.frames import make_object
from tests.musewise.answers.files import FILES


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
