"""A simulated night of one IFU, from raw frames to the cube, with the real pipeline.

The server is killed with -9 on the way, so that every later test looks at what was
finished by two lives of it.
"""

import json
import shutil

import pytest

from musesim.compare import compare
from tests.support.night import CHAIN, CUBE

pytestmark = pytest.mark.e2e


def test_the_job_goes_on_after_the_server_was_killed(night):
    job = night.server.ask("job", str(night.job["job_id"]))
    assert job["state"] == "DONE", json.dumps(job["messages"])
    assert sorted(night.tasks()) == sorted(CHAIN)


def test_tasks_that_were_finished_when_it_was_killed_are_not_run_again(night):
    attempts = night.server.ask("job", str(night.job["job_id"]), "--attempts")
    recipes = [attempt["recipe"] for attempt in attempts]
    assert recipes.count("muse_bias") == 1
    assert recipes.count("muse_flat") == 2


def test_the_cube_agrees_with_the_truth(night):
    path = night.folder / "cube.fits"
    got = night.server.run("get", str(night.cube()["frame_id"]), "-o", str(path))
    assert got.returncode == 0, got.stdout + got.stderr
    comparison = compare(path, night.files / "truth.json")
    assert comparison.passed, comparison
    found = [source for source in comparison.sources if source.found == "found"]
    assert len(found) >= 10
    assert sum(bool(source.lines) for source in found) >= 3


def test_the_lineage_goes_down_to_every_raw_file_with_its_sha256(night):
    tree = json.dumps(night.server.ask("tree", str(night.cube()["frame_id"])))
    raw = night.server.ask("ls", "--kind", "raw", "--limit", "100")
    assert len({frame["sha256"] for frame in raw}) == 11
    assert all(frame["sha256"] in tree for frame in raw)


def test_the_same_question_again_builds_nothing_and_says_why(night):
    plan = night.server.ask("plan", *CUBE)
    assert {task["state"] for task in plan["tasks"]} == {"reuse"}
    assert all(task["reason"] for task in plan["tasks"])


def test_another_parameter_rebuilds_scipost_only_and_why_tells_the_difference(night):
    before = {c["frame_id"] for c in night.server.ask("ls", "DATACUBE_FINAL")}
    more = ["-p", "scipost.crsigma=20", "-p", "scipost.crtype=median"]
    window = ["-p", "scipost.lambdamin=6900", "-p", "scipost.lambdamax=7000"]
    plan = night.server.ask("plan", *CUBE, *more, *window)
    states = {task["recipe"]: task["state"] for task in plan["tasks"]}
    assert states.pop("muse_scipost") == "build"
    assert set(states.values()) == {"reuse"}
    made = night.server.run("process", *CUBE, *more, *window, "--yes")
    assert made.returncode == 0, made.stdout + made.stderr
    cubes = night.server.ask("ls", "DATACUBE_FINAL")
    assert before < {c["frame_id"] for c in cubes}
    [newer] = [c for c in cubes if c["frame_id"] not in before]
    why = night.server.run("why", str(newer["frame_id"]))
    assert "crsigma" in why.stdout
    assert "20" in why.stdout


def test_a_misspelt_parameter_is_refused_with_the_right_one(night):
    jobs = night.server.ask("jobs")
    refused = night.server.run("process", *CUBE, "-p", "scipost.crtpye=median", "--yes")
    assert refused.returncode != 0
    assert "did you mean" in (refused.stdout + refused.stderr).lower()
    assert "crtype" in refused.stdout + refused.stderr
    assert night.server.ask("jobs") == jobs


def test_an_unknown_target_is_refused_with_the_nearest_name(night):
    refused = night.server.run("plan", "DATACUBE_FINAL", "--target", "SIMFEILD")
    assert refused.returncode != 0
    assert "SIMFIELD" in refused.stdout + refused.stderr


def test_bad_files_are_refused_with_the_reason_and_stop_nothing(night):
    bad = night.folder / "bad"
    bad.mkdir()
    (bad / "notes.fits").write_text("these are my notes")
    whole = sorted((night.files / "raw").iterdir())[0]
    (bad / "cut.fits").write_bytes(whole.read_bytes()[:1_000_000])
    shutil.copy(whole, bad / "good.fits")
    put = night.server.run("put", str(bad))
    said = put.stdout + put.stderr
    assert put.returncode == 3
    assert "notes.fits" in said
    assert "cut.fits" in said
    refused = night.server.run("ls", "--refused").stdout
    assert "notes.fits" in refused


def test_qc_values_of_the_recipes_are_registered(night):
    bias = night.server.ask("ls", "MASTER_BIAS")[0]
    values = night.server.ask("qc", str(bias["frame_id"]))
    named = {value["name"] for value in values}
    assert "QC BIAS MASTER1 RON" in named
    assert len(values) >= 40
