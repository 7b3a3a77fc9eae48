"""The Python door: finding the server, frames, plans, jobs."""

import json
import subprocess
import sys

import pytest

from musewise import connect
from musewise.dpu import plan_request
from musewise.errors import (
    JobFailedError,
    JobTimeoutError,
    NotAuthenticatedError,
    NotFoundError,
    ServerNotFoundError,
    UsageError,
)
from musewise.session import Session
from musewise.settings import Server, find_server
from tests.musewise.canned import CUBE_ID, JOB_ID, TOKEN, make_job, make_plan


def data_folder(folder, **facts):
    folder.mkdir(parents=True, exist_ok=True)
    note = {
        "url": "http://localhost:8642",
        "token_file": "token",
        "local": True,
        **facts,
    }
    (folder / "server.json").write_text(json.dumps(note))
    (folder / "token").write_text("kept\n")
    return folder


def test_no_heavy_imports():
    code = "import sys, musewise; print(*sorted(sys.modules))"
    heavy = {"numpy", "astropy", "musecore", "fastapi", "sqlalchemy", "typer"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not heavy & set(done.stdout.split())


def test_the_command_line_imports_nothing_of_the_server():
    code = "import sys, musewise.cli; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "astropy", "musecore", "fastapi"} & set(done.stdout.split())


def test_arguments_win_over_the_environment(tmp_path):
    env = {"MUSEWISE_URL": "http://env", "MUSEWISE_TOKEN": "e"}
    assert find_server("http://given", "g", environ=env).url == "http://given"
    assert find_server("http://given", environ=env).token == "e"
    assert find_server(environ=env) == Server(
        url="http://env", token="e", found_in="MUSEWISE_URL"
    )


def test_an_embedded_server_is_found_by_its_data_folder(tmp_path):
    folder = data_folder(tmp_path / "d")
    for found in (
        find_server(directory=folder, environ={}),
        find_server(environ={"MUSEWISE_DIR": str(folder)}),
    ):
        assert (found.url, found.token, found.local) == (
            "http://localhost:8642", "kept", True,
        )  # fmt: skip


def test_an_embedded_server_is_found_in_the_usual_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    data_folder(tmp_path / ".demo" / "data")
    assert find_server(environ={}).local


def test_the_config_file_comes_before_the_usual_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    data_folder(tmp_path / "data")
    config = tmp_path / ".config" / "musewise" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('url = "https://muse.org"\ntoken = "c"\nproject = "GTO"\n')
    found = find_server(environ={})
    assert (found.url, found.token, found.project) == ("https://muse.org", "c", "GTO")


def test_without_a_server_all_the_places_looked_at_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ServerNotFoundError, match=r"MUSEWISE_DIR.*data/server\.json"):
        find_server(environ={})


def test_a_data_folder_without_a_server_says_how_to_start_one(tmp_path):
    with pytest.raises(ServerNotFoundError, match="musewise-server up --dir"):
        find_server(directory=tmp_path, environ={})


def test_a_token_that_was_renewed_is_read_again(server, tmp_path):
    folder = data_folder(tmp_path)
    with connect(directory=folder, transport=server.transport()) as muse:
        with pytest.raises(NotAuthenticatedError):
            muse.nights()
        (folder / "token").write_text(TOKEN)
        assert muse.nights()


def test_frames_are_asked_for_only_when_they_are_looked_at(muse, server):
    frames = muse.frames("BIAS")
    assert not server.asked
    assert len(frames) == 2
    assert [one.tag for one in frames] == ["BIAS", "BIAS"]
    assert len(server.asked) == 1


def test_frames_can_be_limited_and_have_a_first(muse):
    assert len(muse.frames().limit(2)) == 2
    assert muse.frames("DATACUBE_FINAL").first().frame_id == CUBE_ID
    with pytest.raises(NotFoundError):
        muse.frames("DARK").first()


def test_a_frame_knows_its_inputs_and_quality(muse):
    cube = muse.frame(CUBE_ID)
    assert [one.ifu for one in cube.made_from()["PIXTABLE_OBJECT"]] == [1, 2, 3]
    assert cube.qc["SCIPOST NDET"] == 12


def test_parameters_may_be_given_by_recipe(muse, server):
    muse.plan("DATACUBE_FINAL", target="X", ifus="1-2",
              parameters={"scipost": {"crsigma": 20}})  # fmt: skip
    (said,) = server.sent("POST", "/scheduler/plans")
    assert said["parameters"] == {"scipost.crsigma": 20}
    assert said["ifus"] == [1, 2]


def test_a_misspelt_selector_is_refused_here():
    with pytest.raises(UsageError, match="traget"):
        plan_request("DATACUBE_FINAL", traget="X")


def test_process_and_wait_give_the_products(muse, server):
    server.jobs = [make_job(), make_job(), make_job("DONE")]
    job = muse.process("DATACUBE_FINAL", target="X").wait(poll_s=0)
    assert job.products[0].frame_id == CUBE_ID


def test_waiting_for_a_job_that_fails_raises(muse, server):
    server.jobs = [make_job("CANCELLED")]
    with pytest.raises(JobFailedError, match="CANCELLED"):
        muse.job(JOB_ID).wait(poll_s=0)


def test_waiting_ends_at_its_time_limit_and_the_job_goes_on(muse, server):
    server.jobs = [make_job()]
    with pytest.raises(JobTimeoutError, match="RUNNING"):
        muse.job(JOB_ID).wait(timeout_s=0, poll_s=0)


def test_a_plan_that_cannot_run_is_not_submitted(muse, server):
    server.plan = make_plan(runnable=False, missing=[{"category": "MASTER_FLAT"}])
    with pytest.raises(UsageError, match="MASTER_FLAT"):
        muse.process("DATACUBE_FINAL", target="X")
    assert not server.sent("POST", "/scheduler/jobs")


def test_fields_of_a_newer_server_are_kept(muse, server):
    server.frames[0]["seeing"] = 0.6
    assert muse.frame(CUBE_ID).model_dump()["seeing"] == 0.6


def test_a_session_closes_its_connections(server):
    with Session(Server(url="http://x"), transport=server.transport()) as muse:
        pass
    assert muse.connection._http.is_closed
