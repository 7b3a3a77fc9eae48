"""campaign: many nights, looked at, accepted and gone on with."""

import json

import httpx
import pytest

from musewise.campaigns import nights_between
from musewise.errors import UsageError
from tests.musewise.canned_server import problem

DAYS = ("DATACUBE_FINAL", "--from", "2017-06-13", "--to", "2017-06-16")
EMPTY = ("nothing is selected",)


def night(day, **facts):
    usual = {"job_id": None, "tasks": 0, "new": False, "why_not": [], "to_run": {}}
    return {"night": f"2017-06-{day}", "est_s": 0.0, **usual, **facts}


PLANNED = [
    night(13, tasks=7, new=True, to_run={"muse_bias": 2, "muse_scipost": 1}, est_s=60),
    night(14, tasks=5, new=True, to_run={"muse_scipost": 1}, est_s=60),
    night(15, why_not=EMPTY),
    night(16, why_not=EMPTY),
]
MADE = [
    night(13, tasks=7, new=True, job_id="job-13"),
    night(14, job_id="job-14"),
    night(15, why_not=EMPTY),
    night(16, why_not=EMPTY),
]


def lines(*nights):
    text = "".join(json.dumps(one) + "\n" for one in nights)
    return httpx.Response(200, text=text)


@pytest.fixture
def campaigns(server):
    server.answers["POST /scheduler/campaigns/preview"] = lines(*PLANNED)
    server.answers["POST /scheduler/campaigns"] = lines(*MADE)
    return server


def test_a_campaign_is_looked_at_in_numbers_and_nothing_is_made(run, campaigns):
    done = run("campaign", *DAYS, "--dry")
    assert done.exit_code == 0, done.stderr
    assert "2 of 4 nights: 12 tasks, 4 to run, about 2 min" in done.stdout
    table = [line.split() for line in done.stdout.splitlines()]
    assert ["scipost", "2"] in table
    assert ["bias", "2"] in table
    assert "2 nights: nothing is selected" in done.stdout
    assert not campaigns.sent("POST", "/scheduler/campaigns")


def test_every_night_is_sent_with_the_request_and_waits_behind_others(run, campaigns):
    done = run("campaign", *DAYS, "--project", "GTO", "--ifus", "1-3", "--yes")
    assert done.exit_code == 0, done.stderr
    assert not campaigns.sent("POST", "/scheduler/campaigns/preview")
    [said] = campaigns.sent("POST", "/scheduler/campaigns")
    assert said["nights"] == [f"2017-06-{day}" for day in (13, 14, 15, 16)]
    assert said["request"] == {
        "product": "DATACUBE_FINAL",
        "project": "GTO",
        "ifus": [1, 2, 3],
        "priority": "reprocessing",
    }
    assert f"campaign {said['campaign_id']}: 1 job made, 7 tasks" in done.stdout
    assert "1 night had one already" in done.stdout


def test_json_gives_the_nights_and_the_id(run, campaigns):
    done = run("campaign", *DAYS, "--json", "--priority", "night")
    told = json.loads(done.stdout)
    [said] = campaigns.sent("POST", "/scheduler/campaigns")
    assert said["request"]["priority"] == "night"
    assert told["campaign_id"] == said["campaign_id"]
    assert [one["job_id"] for one in told["nights"]] == ["job-13", "job-14", None, None]


def test_a_campaign_that_breaks_off_says_how_to_go_on(run, campaigns):
    away = {"status": 503, "code": "database_unavailable", "detail": "It is away."}
    broken = lines(MADE[0], {"problem": away})
    campaigns.answers["POST /scheduler/campaigns"] = broken
    done = run("campaign", *DAYS, "--yes")
    assert done.exit_code == 2
    assert "It is away." in done.stderr
    [said] = campaigns.sent("POST", "/scheduler/campaigns")
    words = " ".join(done.stderr.split())
    assert f"--id {said['campaign_id']}" in words
    campaigns.answers["POST /scheduler/campaigns"] = lines(*MADE)
    run("campaign", *DAYS, "--yes", "--id", said["campaign_id"])
    again = campaigns.sent("POST", "/scheduler/campaigns")[1]
    assert again == said


def test_where_nothing_can_be_made_nothing_is_asked_for(run, campaigns):
    empty = lines(*PLANNED[2:])
    campaigns.answers["POST /scheduler/campaigns/preview"] = empty
    done = run("campaign", *DAYS)
    assert done.exit_code == 1
    assert "no night of which something can be made" in done.stderr
    assert not campaigns.sent("POST", "/scheduler/campaigns")


def test_a_problem_of_the_request_is_said_with_its_hint(run, campaigns):
    campaigns.answers["POST /scheduler/campaigns"] = problem(
        404, "unknown_target", "No frame has it.", hint="Did you mean 'NGC 1'?"
    )
    done = run("campaign", *DAYS, "--yes", "--target", "NGC1")
    assert done.exit_code == 5
    assert "No frame has it." in done.stderr
    assert "Did you mean" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2017-06-16", "--to", "2017-06-13"), "before the first"),
        (("--from", "june", "--to", "2017-06-13"), "no nights"),
        (("--from", "2010-01-01", "--to", "2017-06-13"), "more than 1000"),
        ((*DAYS[1:], "--night", "2017-06-13"), "--from and --to"),
        ((*DAYS[1:], "--combine"), "--from and --to"),
    ],
)
def test_what_is_no_campaign_is_refused_before_anything_is_sent(
    run, campaigns, options, said
):
    done = run("campaign", "DATACUBE_FINAL", *options)
    assert done.exit_code == 1
    assert said in done.stderr
    assert not campaigns.asked


def test_nights_are_counted_with_both_ends():
    assert nights_between("2016-02-28", "2016-03-01") == [
        "2016-02-28",
        "2016-02-29",
        "2016-03-01",
    ]
    with pytest.raises(UsageError):
        nights_between("2016-03-01", "2016-02-28")
