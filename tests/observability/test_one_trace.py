"""A fleet at work is followed from outside: one trace, one correlation id, its queues.

Every service is a process, over RabbitMQ and PostgreSQL; the engine is the simulated
one. A person asks for a cube over HTTP, and everything that follows is looked at.
"""

import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from musecore.broker import fleet_queues
from musecore.muse.pools import load_pools
from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.support.collector import Collector
from tests.support.fleet import PERSON, PROJECT, Fleet
from tests.support.processes import wait_for

pytestmark = pytest.mark.real

WORKER = "w1"
CORRELATION = "ann-asks-for-a-cube"
RECIPES = ["muse_bias", "muse_flat", "muse_wavecal", "muse_scibasic", "muse_scipost"]


class Followed:
    """A fleet that has made a cube, and what was seen of it from outside."""

    def __init__(self, folder, rabbit):
        self.folder = folder
        self.rabbit = rabbit
        self.broker_url = rabbit.vhost()
        self.collector = Collector()
        self.fleet = Fleet(
            folder,
            broker_url=self.broker_url,
            blobs_url=f"file://{folder / 'objects'}",
            workers=1,
            settings={
                "otlp_url": self.collector.url,
                "engine": "simulated",
                "simulation": "true",
                "simulated": '{"seconds": [0.0, 0.1]}',
                "min_free_bytes": "0",
            },
            own={
                "scheduler": {
                    "pipeline_version": "muse/simulated-1",
                    "cpl_version": "simulated",
                }
            },
        )
        self.job = ""
        self.later = {}
        self.campaign = {}
        self.queues = []
        self.bindings = []

    def make_cube(self):
        spec = NightSpec(ifus=(12,), chain="quick", headers_only=True)
        night = simulate_night(spec, self.folder / "night")
        files = map(str, [*night.raw, *night.statics.values()])
        put = self.fleet.run("put", *files)
        assert put.returncode == 0, put.stdout + put.stderr
        unknown = (
            "SELECT file_id FROM storage.file WHERE file_id NOT IN "
            "(SELECT file_id FROM scheduler.frame)"
        )
        wait_for(lambda: not self.fleet.sql(unknown), "the scheduler to know them", 60)
        self.job = self._ask_for_cube()
        ended = (
            "SELECT 1 FROM scheduler.task HAVING count(*) > 0 AND "
            "bool_and(state = 'DONE')"
        )
        try:
            wait_for(lambda: self.fleet.sql(ended), "the cube", 120)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.fleet.logs()}") from error

    def _ask_for_cube(self):
        secret = (self.folder / "secret").read_text()
        asked = httpx.post(
            f"{self.fleet.url('auth')}/token",
            data={
                "grant_type": "client_credentials",
                "client_id": PERSON,
                "client_secret": secret,
            },
        )
        answer = httpx.post(
            f"{self.fleet.url('scheduler')}/jobs",
            headers={
                "Authorization": f"Bearer {asked.json()['access_token']}",
                "X-Correlation-ID": CORRELATION,
            },
            json={
                "project": PROJECT,
                "product": "DATACUBE_FINAL",
                "target": "SIMFIELD",
            },
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["job_id"]

    def ask_again_later(self):
        """Ask once more, by the command line, when there is room."""
        cube = ("DATACUBE_FINAL", "--target", "SIMFIELD")
        later = ("--priority", "reprocessing", "--urgency", "5")
        asked = self.fleet.ask("process", *cube, "--yes", "--no-wait", *later)
        self.later = self.fleet.ask("job", asked["job_id"])

    def ask_for_many_nights(self):
        query = "SELECT DISTINCT night FROM scheduler.frame WHERE tag = 'OBJECT'"
        nights = sorted(str(row["night"]) for row in self.fleet.sql(query))
        days = ("--from", nights[0], "--to", "2099-12-31")
        refused = self.fleet.run("campaign", "DATACUBE_FINAL", *days)
        assert "more than 1000" in refused.stderr, refused.stdout + refused.stderr
        days = ("--from", nights[0], "--to", nights[-1])
        self.campaign = self.fleet.ask("campaign", "DATACUBE_FINAL", *days)

    def look_at_queues(self):
        vhost = urlsplit(self.broker_url).path[1:]
        self.queues = [one["name"] for one in self.rabbit.ask("GET", f"queues/{vhost}")]
        self.bindings = self.rabbit.ask("GET", f"bindings/{vhost}")

    def lines(self, service):
        """What a service logged, line by line."""
        text = self.fleet.processes[service].log.read_text()
        lines = [line for line in text.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    def spans(self):
        return self.collector.spans()


@pytest.fixture(scope="module")
def followed(rabbit):
    folder = Path(tempfile.mkdtemp(prefix="mw-trace-"))
    made = Followed(folder, rabbit)
    try:
        with made.collector:
            with made.fleet:
                made.make_cube()
                made.ask_again_later()
                made.ask_for_many_nights()
                made.look_at_queues()
            yield made  # the services have ended, hence sent all their spans
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def service_of(span):
    return attributes(span).get("musewise.service")


def attributes(span):
    return {
        one.key: one.value.string_value or one.value.int_value
        for one in span.attributes
    }


def only(spans):
    found = list(spans)
    assert len(found) == 1, Counter(span.name for span in found)
    return found[0]


def test_one_trace_goes_from_the_request_to_the_settling_of_the_last_task(followed):
    spans = followed.spans()
    asked = only(
        s
        for s in spans
        if s.name == "POST /jobs"
        and attributes(s)["musewise.correlation_id"] == CORRELATION
    )
    trace = [s for s in spans if s.trace_id == asked.trace_id]
    by_id = {s.span_id: s for s in trace}
    recipes = [s for s in trace if s.name.startswith("recipe ")]
    assert sorted(s.name.removeprefix("recipe ") for s in recipes) == sorted(RECIPES)
    settled = [
        s
        for s in trace
        if s.name == "task.finished.v1 handled" and service_of(s) == "scheduler"
    ]
    registered = [
        s
        for s in trace
        if s.name == "task.finished.v1 handled" and service_of(s) == "catalog"
    ]
    assert len(settled) == len(registered) == len(RECIPES)

    last = only(s for s in recipes if s.name == "recipe muse_scipost")
    final = max(settled, key=lambda s: s.end_time_unix_nano)
    assert final.start_time_unix_nano >= last.end_time_unix_nano

    path = [final]
    while path[-1].span_id != asked.span_id:
        assert path[-1].parent_span_id in by_id, [s.name for s in path]
        path.append(by_id[path[-1].parent_span_id])
    steps = [f"{service_of(s)}: {s.name.rpartition('.v1')[0] or s.name}" for s in path]
    hop = ["scheduler: task.finished", "worker: task.requested"]
    chain = steps[:-1]
    assert steps[-1] == "scheduler: POST /jobs"
    assert chain == hop * (len(chain) // 2)
    assert len(chain) // 2 >= 4  # bias or flat or wavecal, scibasic, scipost in line


def test_a_recipe_and_its_claim_lie_under_the_message_that_asked_for_it(followed):
    spans = followed.spans()
    by_id = {s.span_id: s for s in spans}
    for recipe in (s for s in spans if s.name.startswith("recipe ")):
        asked = by_id[recipe.parent_span_id]
        assert asked.name.startswith("task.requested.v1.")
        assert service_of(asked) == "worker"
        assert attributes(recipe)["musewise.worker"] == WORKER
        claims = [
            s
            for s in spans
            if s.parent_span_id == asked.span_id and service_of(s) == "scheduler"
        ]
        assert any("claim" in s.name for s in claims), [s.name for s in claims]


@pytest.mark.parametrize(
    ("service", "queue", "name"),
    [
        ("scheduler", "scheduler.tasks", "task.finished.v1"),
        ("scheduler", "scheduler.tasks", "task.started.v1"),
        ("catalog", "catalog", "task.finished.v1"),
        (WORKER, "worker.small", "task.requested.v1.small"),
    ],
)
def test_the_logs_of_every_consumer_carry_the_correlation_id_of_the_request(
    followed, service, queue, name
):
    handled = [
        line
        for line in followed.lines(service)
        if line["event"] == "message handled" and line["routing_key"] == name
    ]
    followed_lines = [
        one for one in handled if one.get("correlation_id") == CORRELATION
    ]
    assert len(followed_lines) == len(handled) > 0
    assert {line["queue"] for line in handled} == {queue}
    assert all(line["message_id"] and line["trace_id"] for line in handled)


def test_the_queues_on_the_broker_are_those_of_the_description_and_no_others(followed):
    described = fleet_queues().of_fleet(pools=load_pools().names, workers=[WORKER])
    made = {
        name
        for name in followed.queues
        if not name.endswith(".dead") and not name.startswith("musewise.")
    }
    assert made == {queue.name for queue in described}
    heard = {
        (one["destination"], one["routing_key"])
        for one in followed.bindings
        if one["source"] == "musewise"
    }
    assert heard == {(queue.name, key) for queue in described for key in queue.hears}


def test_a_priority_given_on_the_command_line_is_that_of_the_job(followed):
    request = followed.later["request"]
    assert (request["priority"], request["urgency"]) == ("reprocessing", 5)
    assert followed.later["state"] == "DONE"  # all of it was there


def test_a_campaign_by_the_command_line_makes_a_job_a_night_and_runs_nothing_twice(
    followed,
):
    made = [one for one in followed.campaign["nights"] if one["job_id"]]
    assert len(made) == 1
    recipes = [s for s in followed.spans() if s.name.startswith("recipe ")]
    assert len(recipes) == len(RECIPES)
