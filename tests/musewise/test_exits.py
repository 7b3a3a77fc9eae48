"""The shell: exit statuses, completion, listings that fit and that are plain data too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from musewise import errors
from musewise.cli import app
from musewise.errors import Exit
from tests.musewise.canned import CUBE_ID, TOKEN, URL
from tests.musewise.canned_server import problem

SERVER = "GET /catalog/frames"
PLANS = "POST /scheduler/plans"
MUSEWISE = Path(sys.executable).parent / "musewise"

TABLE = [
    # what is typed, what the server answers, exit status
    (["ls"], None, Exit.OK),
    (["nights"], None, Exit.OK),
    (["count", "BIAS"], {"GET /catalog/objects/count": (200, {"count": 0, "exact": True})}, Exit.OK),
    (["ls", "--ifu", "25"], None, Exit.USER),
    (["ls", "--nonsense"], None, Exit.USER),
    (["nonsense"], None, Exit.USER),
    (["show"], None, Exit.USER),
    (["flag", CUBE_ID, "--valid", "perhaps", "--reason", "x"], None, Exit.USER),
    (["attributes", "BIAZ"], None, Exit.USER),
    (["show", CUBE_ID[:13]], None, Exit.USER),  # more than one
    (["plan", "DATACUBE_FINAL", "-p", "nothing"], None, Exit.USER),
    (["run", "scipozt", "--date", "2014-12-08"], None, Exit.USER),
    (["job", "0199", "-p", "a=1"], None, Exit.USER),
    (["plan", "DATACUBE_FINAL"], {PLANS: problem(422, "unknown_parameter", "No.")}, Exit.USER),
    (["flag", CUBE_ID, "--valid", "no", "--reason", "x"],
     {"POST /catalog/quality/batch": problem(409, "conflict", "Changed.")}, Exit.USER),
    (["ls"], {SERVER: problem(503, "unavailable", "Away.")}, Exit.SERVER),
    (["ls"], {SERVER: problem(500, "internal_error", "Broken.")}, Exit.SERVER),
    (["ls"], {SERVER: httpx.Response(502, text="Bad gateway")}, Exit.SERVER),
    (["ls"], {SERVER: problem(507, "storage_full", "Full.")}, Exit.SERVER),
    (["ls"], {SERVER: problem(401, "token_expired", "Over.")}, Exit.NOT_ALLOWED),
    (["flag", CUBE_ID, "--valid", "no", "--reason", "x"],
     {"POST /catalog/quality/batch": problem(403, "project_not_writable", "No.")}, Exit.NOT_ALLOWED),
    (["show", "ffffffff"], None, Exit.NOTHING),
    (["qc", "ffffffff"], {"GET /catalog/frames/ffffffff/qc": problem(404, "frame_not_found", "None.")}, Exit.NOTHING),
    (["get", "ffffffff"], None, Exit.NOTHING),
    (["ls"], {SERVER: (200, {"items": [], "next": None})}, Exit.NOTHING),
    (["ls", "BIAS", "nifu == 3"],
     {"GET /catalog/objects": (200, {"items": [], "next": None})}, Exit.NOTHING),
    (["jobs"], {"GET /scheduler/jobs": (200, [])}, Exit.NOTHING),
    (["qc", CUBE_ID, "--grep", "no such value"], None, Exit.NOTHING),
    (["plan", "DATACUBE_FINAL", "-t", "HDF"], {PLANS: problem(404, "unknown_target", "None.")}, Exit.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
@pytest.mark.parametrize(
    ("typed", "answers", "status"),
    TABLE,
    ids=[f"{n:02d}-{row[0][0]}-{row[2].name}" for n, row in enumerate(TABLE)],
)
def test_the_exit_status_says_what_kind_of_end_it_was(
    run, server, typed, answers, status, as_json
):
    server.answers.update(answers or {})
    done = run(*typed, *(["--json"] if as_json else []))
    assert done.exit_code == status, done.stdout + done.stderr


def test_a_server_that_does_not_answer_is_the_servers_fault():
    done = CliRunner().invoke(app, ["ls", "--url", "http://127.0.0.1:9"])
    assert done.exit_code == Exit.SERVER


def test_all_files_refused_is_an_error_and_some_of_them_is_partly(run, tmp_path):
    (tmp_path / "text.fits").write_text("no FITS")
    assert run("put", str(tmp_path)).exit_code == Exit.USER


@pytest.mark.parametrize(
    "kind",
    [one for one in vars(errors).values() if isinstance(one, type)
     and issubclass(one, errors.Error)],
)  # fmt: skip
def test_every_error_has_one_of_the_statuses(kind):
    assert kind.exit_code in set(Exit) - {Exit.OK, Exit.INTERRUPTED}


def commands() -> dict[str, typer.core.TyperCommand]:
    return typer.main.get_command(app).commands


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_can_speak_plain_data(name):
    command = commands()[name]
    found = list(getattr(command, "commands", {}).values()) or [command]
    for one in found:
        options = {opt for param in one.params for opt in param.opts}
        assert "--json" in options, name


# -- tables
def test_what_is_cut_is_said_and_where_all_fits_nothing_is(run):
    narrow = run("ls", columns=60)
    assert "…" in narrow.stdout
    assert "--json shows all of it" in narrow.stderr
    assert max(map(len, narrow.stdout.splitlines())) <= 60
    wide = run("ls", columns=200)
    assert "…" not in wide.stdout
    assert "cut" not in wide.stderr


# -- completion
def completed(*words: str) -> list[str]:
    environment = {
        **os.environ,
        "_MUSEWISE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["musewise", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [MUSEWISE], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["expo"], "export"),
        (["ls", "MASTER_BI"], "MASTER_BIAS"),
        (["attributes", "DATACUBE_F"], "DATACUBE_FINAL"),
        (["used-by", "01a2", "--class", "MASTER_F"], "MASTER_FLAT"),
        (["ls", "MASTER_BIAS", "ro"], "ron"),
        (["ls", "BIAS", "--order", "ifu,-date_o"], "ifu,-date_obs"),
        (["ls", "BIAS", "--cols", "nifu,filen"], "nifu,filename"),
        (["run", "scipo"], "scipost"),
        (["run", "muse_scipo"], "muse_scipost"),
        (["plan", "DATACUBE_F"], "DATACUBE_FINAL"),
    ],
)
def test_the_shell_completes_what_is_known_without_a_server(words, found):
    assert found in completed(*words)


def test_completion_installs_itself_for_bash(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "SHELL": "/bin/bash"}
    environment["_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION"] = "1"
    done = subprocess.run(
        [MUSEWISE, "--install-completion", "bash"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "bash completion installed" in done.stdout
    [script] = (tmp_path / ".bash_completions").iterdir()
    assert "_MUSEWISE_COMPLETE=complete_bash" in script.read_text()


def test_json_of_an_error_is_one_object_on_stderr(run):
    done = run("show", "ffffffff", "--json")
    assert json.loads(done.stderr)["code"] == "frame_not_found"
    assert TOKEN not in done.stderr
    assert URL
