"""watch: what arrives in a folder goes in once, when it is complete."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from musewise.cli.watching import _until_told
from musewise.watching.wholeness import is_whole
from tests.musewise.canned_server import problem


def write_fits(path: Path, number: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = fits.ImageHDU(np.full((50, 40), number, dtype=np.int16))
    fits.HDUList([fits.PrimaryHDU(), data]).writeto(path)
    return path


@pytest.fixture
def night(tmp_path):
    folder = tmp_path / "night"
    folder.mkdir()
    return folder


@pytest.fixture
def watch(run, tmp_path, night):
    def once(*more: str):
        state = str(tmp_path / "state")
        return run(
            "watch", str(night), "--once", "--settle", "0", "--state", state, *more
        )

    return once


def names(server):
    return sorted(one["filename"] for one in server.stored.values())


def test_what_is_complete_is_sent_once_also_after_a_restart(watch, server, night):
    write_fits(night / "a.fits", 1)
    write_fits(night / "sub" / "b.fits", 2)
    done = watch()
    assert done.exit_code == 0, done.stderr
    assert names(server) == ["a.fits", "b.fits"]
    assert "registered" in done.stdout
    asked = len(server.asked)
    assert watch().exit_code == 0
    assert len(server.asked) == asked
    write_fits(night / "c.fits", 3)
    watch()
    assert names(server) == ["a.fits", "b.fits", "c.fits"]


def test_a_file_that_is_still_written_waits_until_its_last_byte(watch, server, night):
    whole = write_fits(night / "a.fits").read_bytes()
    (night / "a.fits").write_bytes(whole[:-1])
    done = watch()
    assert done.exit_code == 0
    assert "1 files are not complete yet" in done.stderr
    assert names(server) == []
    (night / "a.fits").write_bytes(whole)
    watch()
    assert names(server) == ["a.fits"]


def test_names_of_unfinished_copies_are_left_alone_until_they_are_renamed(
    watch, server, night
):
    write_fits(night / "a.fits").rename(night / "a.fits.part")
    write_fits(night / ".hidden.fits")
    write_fits(night / "b.fits.fz", 1)
    watch("--ignore", "*.fz")
    assert names(server) == []
    (night / "a.fits.part").rename(night / "a.fits")
    watch("--ignore", "*.fz")
    assert names(server) == ["a.fits"]


def test_a_bad_file_is_told_once_and_stays(watch, night):
    (night / "text.fits").write_text("no FITS at all")
    first = watch()
    assert first.exit_code == 3
    assert "not_fits" in first.stdout
    second = watch()
    assert second.exit_code == 0
    assert "not_fits" not in second.stdout
    assert (night / "text.fits").exists()


def test_a_bad_file_is_moved_away_where_this_is_asked_for(watch, night, tmp_path):
    (night / "text.fits").write_text("no FITS at all")
    (night / "alien.fits").write_bytes(write_fits(tmp_path / "x.fits").read_bytes())
    bad = tmp_path / "bad"
    watch("--move-bad", str(bad))
    assert sorted(path.name for path in bad.iterdir()) == ["alien.fits", "text.fits"]
    assert list(night.iterdir()) == []


def test_a_short_file_that_grows_no_more_is_told_as_truncated(watch, server, night):
    whole = write_fits(night / "a.fits").read_bytes()
    (night / "a.fits").write_bytes(whole[:-100])
    done = watch("--give-up", "0")
    assert done.exit_code == 3
    assert "truncated_fits" in done.stdout
    assert names(server) == []


def test_a_server_that_is_away_is_waited_for_and_the_file_sent_later(
    watch, server, night
):
    write_fits(night / "a.fits")
    away = problem(503, "unavailable", "The database is away.")
    server.answers["POST /storage/uploads"] = away
    done = watch()
    assert done.exit_code == 2
    assert "waiting" in done.stdout
    assert "The database is away" in done.stdout
    del server.answers["POST /storage/uploads"]
    assert watch().exit_code == 0
    assert names(server) == ["a.fits"]


def test_machines_get_one_json_object_per_line(watch, night):
    write_fits(night / "a.fits")
    (night / "text.fits").write_text("no FITS at all")
    lines = [json.loads(line) for line in watch("--json").stdout.splitlines()]
    told = {Path(line["path"]).name: line["state"] for line in lines}
    assert told == {"a.fits": "registered", "text.fits": "refused"}
    assert {line["event"] for line in lines} == {"file"}


def test_sigterm_ends_it_and_leaves_an_error_of_a_server_that_never_was(
    night, tmp_path
):
    write_fits(night / "a.fits")
    command = [Path(sys.executable).parent / "musewise", "watch", night, "--json"]
    command += ["--url", "http://127.0.0.1:9", "--token", "x", "--poll", "0.05"]
    command += ["--settle", "0", "--state", tmp_path / "state"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        line = json.loads(watching.stdout.readline())
        assert line["event"] == "waiting"
        time.sleep(0.1)
        os.kill(watching.pid, signal.SIGTERM)
        assert watching.wait(timeout=20) == 0


def test_a_signal_that_comes_while_it_falls_asleep_is_heard():
    with _until_told() as stop:
        held = stop._cond._lock  # type: ignore[attr-defined]  as `wait` holds it
        with held:
            signal.raise_signal(signal.SIGTERM)
        assert stop.wait(10)


def test_a_journal_belongs_to_one_watcher(watch, night, tmp_path):
    from musewise.watching import Journal

    watch()
    [place] = (tmp_path / "state").iterdir()
    with Journal(place):
        done = watch()
    assert done.exit_code == 1
    assert "Another watcher" in done.stderr


def test_wholeness_is_told_from_headers_for_every_kind_of_hdu(tmp_path):
    table = fits.BinTableHDU.from_columns(
        [fits.Column("x", "PE()", array=np.array([[1.0], [1.0, 2.0]], dtype=object))]
    )
    packed = fits.CompImageHDU(np.arange(10000, dtype=np.int32).reshape(100, 100))
    path = tmp_path / "all.fits"
    fits.HDUList([fits.PrimaryHDU(np.ones(3)), table, packed]).writeto(path)
    whole = path.read_bytes()
    assert is_whole(path)
    for length in (1, 2880, len(whole) // 2, len(whole) - 2880, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert is_whole(path) is (length in _ends_of_hdus(whole, path)), length


def _ends_of_hdus(whole: bytes, path: Path) -> set[int]:
    copy = path.with_name("copy.fits")
    copy.write_bytes(whole)
    with fits.open(copy, disable_image_compression=True) as hdus:
        return {hdu.fileinfo()["datLoc"] + hdu.fileinfo()["datSpan"] for hdu in hdus}
