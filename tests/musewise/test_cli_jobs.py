"""plan, process, jobs, job."""

import io
import json

import httpx
import pytest
from rich.console import Console

from musewise.display.live import job_view
from musewise.display.strips import strip
from musewise.records import JobRecord
from tests.musewise.canned import (
    CUBE_ID,
    JOB_ID,
    OBJECT_ARC,
    make_attempt,
    make_choice,
    make_job,
    make_plan,
    make_progress,
    make_task,
)

TARGET = ("DATACUBE_FINAL", "--target", "IC4406")


def failed_job(**facts):
    progress = {
        "muse_flat": make_progress(i1="done", i2="failed", i3="done"),
        "muse_scipost": make_progress(i1="blocked"),
    }
    return make_job("FAILED", progress=progress, done=2, tasks_total=4, **facts)


def with_failure(server):
    server.jobs = [make_job(), failed_job()]
    server.tasks = [make_task(1), make_task(2, state="FAILED")]
    server.attempts = [
        make_attempt(
            outcome="recipe_error",
            detail="muse_flat ended with exit status 1",
            telling_lines=["[ERROR] muse_trace: no trace found in slice 12"],
        )
    ]


def test_plan_shows_counts_choices_warnings_and_runs_nothing(run, server):
    done = run("plan", *TARGET)
    assert done.exit_code == 0, done.stderr
    assert "4 tasks to run, 3 reused, about 3 min 20 s" in done.stdout
    assert "2017-06-15T09:59:00" in done.stdout
    assert "-15.6 h" in done.stdout
    assert "No standard star" in done.stdout
    assert "level 1 comes after" not in done.stdout
    assert not server.sent("POST", "/scheduler/jobs")


def test_plan_verbose_adds_the_runner_up(run):
    assert "level 1 comes after level 0" in run("plan", *TARGET, "-v").stdout


def test_plan_json_choices_is_category_to_choice_for_each_consumer(run):
    done = run("plan", *TARGET, "--json", "--choices")
    assert json.loads(done.stdout) == {
        OBJECT_ARC: {
            "MASTER_BIAS": "2017-06-15T09:59:00",
            "SKY_LINES": "M.MUSE.2014-12-08T12:30:51.293.fits",
        }
    }


def test_a_choice_that_differs_between_ifus_is_a_list(run, server):
    server.plan = make_plan(choices=[make_choice(), make_choice(choice="other")])
    done = json.loads(run("plan", *TARGET, "--json", "--choices").stdout)
    assert done[OBJECT_ARC]["MASTER_BIAS"] == ["2017-06-15T09:59:00", "other"]


def test_every_option_of_a_request_is_sent(run, server):
    done = run(
        "plan", "DATACUBE_FINAL", "-e", "A", "-e", "B", "--night", "2017-06-15",
        "--ob", "7", "--template", "T", "--ifus", "1-3,7", "-p", "scipost.crsigma=20",
        "-p", "muse_scipost.crtype=median", "--at-least", "3", "--with", "MASTER_DARK",
        "--without", "STD_RESPONSE", "--no-combine", "--project", "GTO",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    (said,) = server.sent("POST", "/scheduler/plans")
    assert said == {
        "product": "DATACUBE_FINAL",
        "exposure": ["A", "B"],
        "night": "2017-06-15",
        "ob": "7",
        "template": "T",
        "ifus": [1, 2, 3, 7],
        "project": "GTO",
        "combine": False,
        "parameters": {"scipost.crsigma": "20", "muse_scipost.crtype": "median"},
        "fan_in": {"policy": "at_least", "k": 3},
        "without": ["STD_RESPONSE"],
        "with": ["MASTER_DARK"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        ("--ifus", "1-25"), ("--ifus", "one"), ("-p", "crsigma=20"), ("-p", "a.b"),
        ("--priority", "urgent"), ("--urgency", "50"),
    ],
)  # fmt: skip
def test_a_malformed_option_is_refused_before_anything_is_sent(run, server, wrong):
    done = run("plan", *TARGET, *wrong)
    assert done.exit_code == 1
    assert not server.asked


def test_a_plan_that_lacks_something_says_what_and_gives_the_hint(run, server):
    lacking = {"consumer": OBJECT_ARC, "category": "MASTER_FLAT", "ifus": [],
               "reason": "no FLAT within 7 days", "hint": "Put flats in."}  # fmt: skip
    server.plan = make_plan(runnable=False, missing=[lacking])
    done = run("process", *TARGET, "--yes")
    assert done.exit_code == 1
    assert "no FLAT within 7 days" in done.stdout
    assert "missing: MASTER_FLAT" in done.stderr
    assert "Put flats in." in done.stderr
    assert not server.sent("POST", "/scheduler/jobs")


def test_process_starts_the_plan_follows_it_and_shows_the_products(run, server):
    server.jobs = [make_job(), make_job(), make_job("DONE")]
    server.tasks = [make_task(1, state="RUNNING", ended=None)]
    done = run("process", *TARGET, "--yes")
    assert done.exit_code == 0, done.stderr
    assert server.sent("POST", "/scheduler/jobs") == [
        {"plan_id": make_plan()["plan_id"]}
    ]
    assert "flat: 3/3 done" in done.stderr
    assert f"musewise tree {CUBE_ID[:18]}" in done.stdout


def test_process_says_who_is_to_hear_of_the_job(run, server):
    addresses = ["mailto:ada@example.org", "https://hooks.example.org/x"]
    options = [one for address in addresses for one in ("--notify", address)]
    done = run("process", *TARGET, "--yes", "--no-wait", *options)
    assert done.exit_code == 0, done.stderr
    [request] = server.sent("POST", "/scheduler/plans")
    assert request["notify"] == addresses


def test_process_says_who_goes_first_and_jobs_show_it(run, server):
    asked = ("--priority", "night", "--urgency", "-5")
    done = run("process", *TARGET, "--yes", "--no-wait", *asked)
    assert done.exit_code == 0, done.stderr
    [request] = server.sent("POST", "/scheduler/plans")
    assert (request["priority"], request["urgency"]) == ("night", -5)
    server.jobs = [make_job(request=request)]
    assert "night -5" in run("jobs").stdout
    assert "priority night -5" in run("job", JOB_ID).stdout


def test_without_a_priority_the_server_decides(run, server):
    run("plan", *TARGET)
    [request] = server.sent("POST", "/scheduler/plans")
    assert not {"priority", "urgency"} & set(request)


def test_process_with_json_gives_only_the_finished_job(run, server):
    server.jobs = [make_job(), make_job("DONE")]
    done = run("process", *TARGET, "--json")
    assert json.loads(done.stdout)["products"][0]["frame_id"] == CUBE_ID


def test_process_without_waiting_says_how_to_come_back(run, server):
    server.jobs = [make_job()]
    done = run("process", *TARGET, "--yes", "--no-wait")
    assert f"musewise job {JOB_ID[:13]} --follow" in done.stdout


def test_a_failed_job_is_exit_3_with_the_telling_lines_and_what_to_do(run, server):
    with_failure(server)
    done = run("process", *TARGET, "--yes")
    assert done.exit_code == 3
    assert "failed: flat IFU 2" in done.stdout
    assert "no trace found in slice 12" in done.stdout
    assert f"musewise job {JOB_ID[:13]} --retry" in done.stdout
    assert "--at-least K" in done.stdout


def test_following_goes_on_while_others_still_run_after_a_failure(muse, server):
    moving = failed_job()
    moving["progress"]["muse_flat"]["running"] = 1
    server.jobs = [make_job(), moving, moving, failed_job()]
    states = [one.record.state for one in muse.job(JOB_ID).follow(poll_s=0)]
    assert states == ["FAILED", "FAILED", "FAILED"]


def test_following_ends_when_a_failed_job_stands_still(muse, server):
    waiting = failed_job()
    waiting["progress"]["muse_flat"]["waiting"] = 1
    server.jobs = [waiting]
    assert len(list(muse.job(JOB_ID).follow(poll_s=0))) < 10


def test_a_server_that_is_started_again_is_waited_for(muse, server):
    job = muse.job(JOB_ID)
    answers = iter([httpx.ConnectError("refused"), None])

    def sometimes(request):
        trouble = next(answers, None)
        if trouble:
            raise trouble
        return server.handle(request)

    muse.connection._http._transport = httpx.MockTransport(sometimes)
    first, second = job.follow(poll_s=0)
    assert first.record is None
    assert "does not answer" in first.trouble
    assert second.record.state == "DONE"


def test_jobs_are_listed_newest_first(run, server):
    old = make_job("DONE", job_id="00000000-0000-4000-8000-000000000000",
                   created="2016-01-01T00:00:00Z")  # fmt: skip
    server.jobs = [old, make_job()]
    found = json.loads(run("jobs", "--json").stdout)
    assert [one["job_id"] for one in found] == [JOB_ID, old["job_id"]]


@pytest.mark.parametrize(
    ("option", "path", "said"),
    [
        (["--retry"], "retry", {}),
        (["--cancel"], "cancel", {}),
        (["--at-least", "2"], "fan-in", {"at_least": 2}),
    ],
)
def test_a_job_is_retried_cancelled_or_joined_with_fewer(
    run, server, option, path, said
):
    assert run("job", JOB_ID, *option).exit_code == 0
    assert server.sent("POST", f"/scheduler/jobs/{JOB_ID}/{path}") == [said]


def test_attempts_are_listed_with_what_they_used(run, server):
    server.tasks = [make_task(1)]
    done = run("job", JOB_ID, "--attempts")
    assert "finished" in done.stdout
    assert "1.04 GB" in done.stdout


def test_tasks_are_listed_with_state_and_reason(run, server):
    server.tasks = [
        make_task(1),
        make_task(2, state="BLOCKED", reason="waits for flat"),
    ]
    done = run("job", JOB_ID, "--tasks")
    assert "flat IFU 2" in done.stdout
    assert "waits for flat" in done.stdout


def test_the_strip_has_a_cell_for_each_ifu_told_by_its_sign():
    states = {
        "1": "done",
        "2": "failed",
        "24": "RUNNING",
        "3": "reused",
        "4": "blocked",
    }
    assert strip(states).plain == "#x=-" + " " * 19 + ">"


@pytest.mark.parametrize("width", [80, 120])
def test_the_live_picture_fits_the_terminal(width):
    every = {f"i{n}": "done" for n in range(1, 25)}
    progress = {f"muse_{name}": make_progress(**every)
                for name in ("bias", "wavecal", "create_sky", "exp_combine")}  # fmt: skip
    record = JobRecord.model_validate(make_job(progress=progress))
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    with console.capture() as shown:
        console.print(job_view(record))
    lines = shown.get().splitlines()
    assert max(len(line) for line in lines) <= width
    assert sum("#" * 24 in line for line in lines) == 4


def test_interrupting_leaves_the_job_running_and_says_how_to_come_back(run, server):
    server.jobs = [make_job()]
    show, looks = server.handle, []

    def handle(request):
        if request.url.path.endswith("/tasks"):
            looks.append(request)
            raise KeyboardInterrupt
        return show(request)

    server.handle = handle
    done = run("job", JOB_ID, "--follow")
    assert done.exit_code == 130
    assert looks
    assert f"musewise job {JOB_ID[:13]} --follow" in done.stderr
    assert not server.sent("POST", f"/scheduler/jobs/{JOB_ID}/cancel")
