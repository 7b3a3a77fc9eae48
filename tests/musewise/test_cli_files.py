"""put, register, get, log."""

import json

import pytest

from musewise.downloads import Remote, download
from musewise.errors import (
    BrokenOffError,
    ChecksumError,
    ServerUnreachableError,
    UsageError,
)
from musewise.uploads import files_below
from tests.musewise.canned import CUBE_BYTES, CUBE_ID, LOG, make_task, sha_of
from tests.musewise.canned_server import problem


def write_files(folder, *names):
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(name.encode() * 100)


def test_put_sends_every_fits_file_of_a_folder_and_counts_them_by_class(
    run, server, tmp_path
):
    write_files(tmp_path, "a.fits", "night/b.fits.fz", "night/notes.txt")
    done = run("put", str(tmp_path))
    assert done.exit_code == 0, done.stderr
    assert "BIAS" in done.stdout
    assert "2 registered, 0 known before, 0 refused" in done.stderr
    names = [one["filename"] for one in server.stored.values()]
    assert sorted(names) == ["a.fits", "b.fits.fz"]


def test_what_is_sent_is_hashed_on_the_way_and_the_hash_is_committed(
    run, server, tmp_path
):
    write_files(tmp_path, "a.fits")
    run("put", str(tmp_path))
    (said,) = [said for how, path, said in server.asked if path.endswith("/commit")]
    assert said == {"sha256": sha_of(b"a.fits" * 100)}


def test_putting_twice_is_harmless_and_says_so(run, tmp_path):
    write_files(tmp_path, "a.fits")
    run("put", str(tmp_path))
    again = run("put", str(tmp_path), "--json")
    assert again.exit_code == 0
    said = json.loads(again.stdout)
    assert (said["registered"], said["known"]) == (0, 1)


def test_refused_files_are_listed_with_their_reasons_and_do_not_stop_the_others(
    run, tmp_path
):
    write_files(tmp_path, "a.fits", "text.fits", "alien.fits")
    done = run("put", str(tmp_path))
    assert done.exit_code == 3
    assert "not_fits" in done.stdout
    assert "INSTRUME is 'FORS2'" in done.stdout
    assert "1 registered, 0 known before, 2 refused" in done.stderr


def test_exposures_that_were_here_before_with_other_content_are_told(run, tmp_path):
    write_files(tmp_path, "a.fits", "again.fits")
    done = run("put", str(tmp_path))
    assert "1 exposure was here before with other content" in done.stdout
    again = json.loads(run("put", str(tmp_path / "again.fits"), "--json").stdout)
    assert "here before" in again["files"][0]["detail"]


def test_a_full_disk_stops_the_putting_with_a_hint(run, server, tmp_path):
    write_files(tmp_path, "a.fits", "b.fits")
    full = problem(507, "storage_full", "The store has 0 bytes left.")
    server.answers["POST /storage/uploads"] = full
    done = run("put", str(tmp_path))
    assert done.exit_code == 2
    assert "0 bytes left" in done.stderr
    assert "Make room" in done.stderr


def test_an_embedded_server_takes_files_by_their_path(server, tmp_path):
    from musewise.session import Session
    from musewise.settings import Server

    write_files(tmp_path, "a.fits")
    local = Server(url="http://x", token="t0ken", local=True)
    with Session(local, transport=server.transport()) as muse:
        muse.put(tmp_path / "a.fits")
        muse.put(tmp_path / "a.fits", copy=True)
    first, second = server.sent("POST", "/storage/uploads")
    assert first["source_path"] == str(tmp_path / "a.fits")
    assert "source_path" not in second


def test_a_path_that_does_not_exist_is_said_before_anything_is_sent(tmp_path):
    with pytest.raises(UsageError, match="nowhere does not exist"):
        files_below([tmp_path / "nowhere"])


def test_rows_of_a_table_become_keywords_and_a_tag_column_makes_them_static(
    run, server, tmp_path
):
    table = tmp_path / "statics.csv"
    table.write_text(
        "tag,name,night,ARCFILE,DATE_OBS,MJD_OBS,DPR_TYPE,OBS_TARG_NAME\n"
        "SKY_LINES,2014,,M.MUSE.2014.fits,2014-12-08T12:00:00,56658.5,,\n"
        ",2015,2015-01-01,M.MUSE.2015.fits,,,DARK,3C 273\n"
    )
    done = run("register", str(table))
    assert done.exit_code == 0, done.stderr
    (said,) = server.sent("POST", "/catalog/register")
    assert said["project"] == "local"
    assert said["rows"][0] == {
        "name": "2014",
        "kind": "static",
        "tag": "SKY_LINES",
        "keywords": {
            "ARCFILE": "M.MUSE.2014.fits",
            "DATE-OBS": "2014-12-08T12:00:00",
            "MJD-OBS": 56658.5,
        },
    }
    assert said["rows"][1]["keywords"] == {
        "ARCFILE": "M.MUSE.2015.fits", "DPR TYPE": "DARK", "OBS TARG NAME": "3C 273",
    }  # fmt: skip


def test_a_table_without_archive_names_is_refused_here(run, tmp_path):
    table = tmp_path / "raw.csv"
    table.write_text("name,night\n1,2\n")
    done = run("register", str(table))
    assert done.exit_code == 1
    assert "no column ARCFILE" in done.stderr


def test_get_writes_the_file_and_checks_it(run, tmp_path):
    done = run("get", CUBE_ID, "-o", str(tmp_path), "--json")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "DATACUBE_FINAL.fits").read_bytes() == CUBE_BYTES
    assert json.loads(done.stdout)["sha256"] == sha_of(CUBE_BYTES)


def test_get_leaves_a_file_alone_that_is_there_already(run, server, tmp_path):
    (tmp_path / "DATACUBE_FINAL.fits").write_bytes(CUBE_BYTES)
    assert run("get", CUBE_ID, "-o", str(tmp_path)).exit_code == 0
    assert not [path for _, path, _ in server.asked if path.endswith("/content")]


def test_get_does_not_overwrite_another_file_of_a_folder(run, tmp_path):
    (tmp_path / "DATACUBE_FINAL.fits").write_bytes(b"mine")
    done = run("get", CUBE_ID, "-o", str(tmp_path))
    assert done.exit_code == 1
    assert (tmp_path / "DATACUBE_FINAL.fits").read_bytes() == b"mine"


def test_get_to_a_name_replaces_what_has_it(run, tmp_path):
    place = tmp_path / "cube.fits"
    place.write_bytes(b"an older cube")
    assert run("get", CUBE_ID, "-o", str(place)).exit_code == 0
    assert place.read_bytes() == CUBE_BYTES


def test_a_download_goes_on_where_it_broke_off(muse, tmp_path):
    place = tmp_path / "cube.fits"
    (tmp_path / "cube.fits.part").write_bytes(CUBE_BYTES[:3000])
    moved: list[int] = []
    remote = muse.remote(muse.frame(CUBE_ID))
    download(muse.connection, remote, place, moved=moved.append)
    assert place.read_bytes() == CUBE_BYTES
    assert moved == [3000, len(CUBE_BYTES) - 3000]


def test_bytes_that_are_not_those_of_the_catalog_are_dropped(muse, tmp_path):
    remote = Remote(file_id="x", filename="x.fits", sha256="0" * 64, size=10)
    with pytest.raises(ChecksumError):
        download(muse.connection, remote, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_part_that_comes_up_short_is_not_taken_for_the_file(muse, server, tmp_path):
    server.break_off_after = 1000
    remote = muse.remote(muse.frame(CUBE_ID))
    with pytest.raises((BrokenOffError, ServerUnreachableError)):
        download(muse.connection, remote, tmp_path)
    assert not (tmp_path / "DATACUBE_FINAL.fits").exists()


def test_dropped_bytes_are_said_to_be_dropped(run, server, tmp_path):
    server.frames[0]["state"] = "EVICTED"
    done = run("get", CUBE_ID, "-o", str(tmp_path))
    assert done.exit_code == 5
    assert "dropped to save space" in done.stderr
    assert "Process it again" in done.stderr


def test_the_log_of_a_product_is_shown_as_it_is(run):
    assert run("log", CUBE_ID).stdout == LOG
    assert run("log", CUBE_ID, "--grep", "error").stdout.count("\n") == 1


def test_the_log_of_a_failed_task_is_found_by_the_beginning_of_its_id(run, server):
    missing = problem(404, "frame_not_found", "There is no such frame.")
    server.answers["GET /catalog/frames/00000007/lineage"] = missing
    server.tasks = [make_task(6), make_task(7, state="FAILED")]
    assert run("log", "00000007").stdout == LOG
    asked = [path for _, path, _ in server.asked if path.endswith("/attempts")]
    assert asked == [f"/scheduler/tasks/{make_task(7)['task_id']}/attempts"]
