"""Waiting, logs, running again, lists and pictures of jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from musewise.classes import BIAS
from musewise.dpu import Plan
from musewise.errors import JobTimeoutError, UsageError
from musewise.jobs import again, seconds, since_of
from musewise.records import JobRecord, PlanRecord
from tests.musewise.canned import JOB_ID, make_attempt, make_job, make_plan, make_task


def job_of(muse, server, state="DONE", **changes):
    server.jobs = [make_job(state) | changes]
    return muse.job(JOB_ID)


# -- times
@pytest.mark.parametrize(
    ("text", "value"),
    [(90, 90), ("90", 90), ("90 s", 90), ("20 min", 1200), ("3 h", 10800), ("1d", 86400), ("0.5 h", 1800)],
)  # fmt: skip
def test_a_time_span_is_seconds_or_words(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "soon", "3 weeks", "-1 s"])
def test_what_is_no_time_span_says_how_to_write_one(text):
    with pytest.raises(UsageError, match='"3 h"'):
        seconds(text)


def test_since_counts_back_from_now_and_takes_moments():
    ago = datetime.now(UTC) - since_of("1 d")
    assert abs(ago - timedelta(days=1)) < timedelta(seconds=5)
    assert since_of(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)  # noqa: DTZ001


# -- waiting
def test_waiting_ends_after_its_time_and_the_job_goes_on(muse, server):
    job = job_of(muse, server, "RUNNING")
    with pytest.raises(JobTimeoutError, match="It goes on"):
        job.wait(timeout="0 s", poll_s=0)
    assert not server.sent("POST", f"/scheduler/jobs/{JOB_ID}/cancel")


def test_ctrl_c_leaves_the_job_running_and_says_how_to_come_back(
    muse, server, monkeypatch, capsys
):
    job = job_of(muse, server, "RUNNING")

    def interrupt(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr("musewise.jobs.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    said = capsys.readouterr().err
    assert f"musewise job {JOB_ID} --follow" in said
    assert f"client.job('{JOB_ID}').wait(progress=True)" in said
    assert not server.sent("POST", f"/scheduler/jobs/{JOB_ID}/cancel")


# -- lists
def test_jobs_of_ones_own_and_of_late_are_asked_for(muse, server):
    muse.jobs(5, mine=True, since="1 d")
    [asked] = server.sent("GET", "/scheduler/jobs")
    assert (asked["limit"], asked["mine"]) == ("5", "true")
    since = datetime.fromisoformat(asked["since"])
    assert timedelta(hours=23) < datetime.now(UTC) - since < timedelta(hours=25)


def test_the_shell_lists_jobs_that_failed(run, server):
    server.jobs = [make_job("FAILED"), make_job("DONE")]
    done = run("jobs", "--mine", "--failed", "--since", "2 d")
    assert "FAILED" in done.stdout
    assert "DONE" not in done.stdout


# -- running again
def test_again_is_the_same_request_with_other_parameters(muse, server):
    request = {
        "product": "DATACUBE_FINAL", "target": "HDFS", "ifus": [1, 2], "with": ["MASTER_DARK"],
        "parameters": {"muse_scipost.crsigma": 20, "muse_flat.nlow": 1}, "owner": "ada",
        "project": "local", "priority": "night", "notify": ["https://hooks/…"],
    }  # fmt: skip
    record = JobRecord.model_validate(
        make_job("DONE") | {"request": request, "progress": {"muse_scipost": {}}}
    )
    body = again(record, {"crsigma": 7, "flat.nlow": 2}, {"urgency": 5}).body()
    assert body["parameters"] == {"muse_scipost.crsigma": 7, "flat.nlow": 2}
    assert (body["target"], body["ifus"], body["with"]) == (
        "HDFS",
        [1, 2],
        ["MASTER_DARK"],
    )
    assert (body["priority"], body["urgency"]) == ("night", 5)
    assert "owner" not in body
    assert "notify" not in body


def test_rerun_plans_and_lets_run(muse, server):
    job = job_of(muse, server)
    job.rerun(p={"scipost.crsigma": 7})
    [planned] = server.sent("POST", "/scheduler/plans")
    assert planned["parameters"]["scipost.crsigma"] == 7
    assert planned["product"] == job.record.request["product"]
    assert server.sent("POST", "/scheduler/jobs")


def test_the_shell_runs_again_with_another_parameter(run, server):
    server.jobs = [make_job("DONE")]
    done = run("job", JOB_ID, "--rerun", "-p", "scipost.crsigma=7")
    assert done.exit_code == 0, done.stderr
    [planned] = server.sent("POST", "/scheduler/plans")
    assert planned["parameters"]["scipost.crsigma"] == "7"


# -- logs
def with_logs(server):
    server.tasks = [make_task(1, recipe="muse_bias"), make_task(2, recipe="muse_flat")]
    server.attempts = [make_attempt()]


def test_the_log_of_a_job_is_that_of_its_recipes_each_named(muse, server):
    job = job_of(muse, server)
    with_logs(server)
    lines = list(job.log())
    heads = [line for line in lines if line.startswith("==> ")]
    assert [head.split(",")[0] for head in heads] == [
        "==> muse_bias IFU 1",
        "==> muse_flat IFU 2",
    ]
    assert len(lines) > len(heads)


def test_a_followed_log_tells_each_recipe_once(muse, server):
    job = job_of(muse, server)
    with_logs(server)
    assert list(job.log(follow=True, poll_s=0)) == list(job.log())


def test_the_shell_shows_the_log_of_a_job(run, server):
    server.jobs = [make_job("DONE")]
    with_logs(server)
    assert "==> muse_bias IFU 1" in run("job", JOB_ID, "--log").stdout


# -- in a notebook
def test_a_notebook_shows_jobs_plans_objects_and_questions(muse, server):
    job = job_of(muse, server)
    plan = Plan(muse.connection, PlanRecord.model_validate(make_plan()))
    [frame, *_] = muse.frames()
    for shown in (job, plan, frame, BIAS.nifu == 6):
        html = shown._repr_html_()
        assert html.startswith("<pre")
    assert "BIAS where" in (BIAS.nifu == 6)._repr_html_()
    assert frame.filename in frame._repr_html_()


def test_what_is_in_a_name_stays_text_in_a_notebook(muse, server):
    server.frames[0]["target"] = "<script>alert(1)</script> [bold]"
    html = next(iter(muse.frames()))._repr_html_()
    assert "<script>" not in html
    assert "[bold]" in html


def test_showing_a_question_sends_nothing(muse, server):
    muse.query("BIAS", "nifu == 6")._repr_html_()
    assert not server.asked
