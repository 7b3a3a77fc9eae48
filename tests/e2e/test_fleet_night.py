"""The night of one IFU by a fleet: every service a process, over real servers.

PostgreSQL, RabbitMQ and an S3 store (Swift) of its own; three workers that share
nothing with each other. On the way the worker that runs muse_flat is told to stop, and
the scheduler is killed with -9 while muse_wavecal runs.
"""

import asyncio
import json
import time
from collections import Counter

import pytest

from musesim.compare import compare
from tests.e2e.fleet_night import FleetNight
from tests.support.fleet import PROJECT
from tests.support.night import CHAIN, CUBE, contents

pytestmark = [pytest.mark.e2e, pytest.mark.real]


@pytest.fixture(scope="module")
def fleet_night(servers, night):
    """The same files as the embedded night, reduced by a fleet that is disturbed."""
    folder, broker_url, blobs_url = servers
    one = FleetNight(folder, broker_url=broker_url, blobs_url=blobs_url, workers=3)
    with one.fleet:
        one.put(night)
        one.job = one.fleet.ask("process", *CUBE, "--yes", "--no-wait")["job_id"]
        worker = one.until_runs("muse_flat")
        assert one.fleet.processes[worker].stop() == 0
        one.until_runs("muse_wavecal")
        one.fleet.restart(worker)
        one.fleet.kill("scheduler")
        time.sleep(3)  # long enough for a call of the worker to meet nobody
        one.fleet.restart("scheduler")
        one.until_ended()
        yield one


def test_the_job_goes_on_after_the_scheduler_was_killed(fleet_night):
    job = fleet_night.fleet.ask("job", fleet_night.job)
    assert job["state"] == "DONE", (
        json.dumps(job["messages"]) + fleet_night.fleet.logs()
    )


def test_every_product_has_the_content_that_an_embedded_server_makes(
    fleet_night, night
):
    made = contents(fleet_night.fleet.ask("ls", "--kind", "product", "--limit", "100"))
    assert "DATACUBE_FINAL of IFU None" in made
    assert made == night.products


def test_tasks_that_were_not_handed_back_ran_once(fleet_night):
    tries = Counter(one["recipe"] for one in fleet_night.attempts())
    assert sorted(tries) == sorted(CHAIN)
    again = tries.pop("muse_flat")
    assert set(tries.values()) == {1}
    assert again in {1, 2}


def test_a_worker_that_is_told_to_stop_ends_its_recipe_or_hands_it_back(fleet_night):
    *handed_back, last = fleet_night.attempts("muse_flat")
    assert last["outcome"] == "finished"
    for one in handed_back:
        assert one["outcome"] == "handed_back"
        assert one["worker"] in one["detail"]
        assert one["worker"] != last["worker"]


def test_nothing_half_done_is_left(fleet_night):
    assert not fleet_night.half_done()


def test_no_message_was_given_up(fleet_night):
    assert not {
        queue: letters
        for queue, letters in asyncio.run(fleet_night.dead_letters()).items()
        if letters
    }


def test_the_cube_agrees_with_the_truth(fleet_night, night):
    [cube] = fleet_night.fleet.ask("ls", "DATACUBE_FINAL")
    assert cube["project"] == PROJECT
    path = fleet_night.folder / "cube.fits"
    got = fleet_night.fleet.run("get", cube["frame_id"], "-o", str(path))
    assert got.returncode == 0, got.stdout + got.stderr
    comparison = compare(path, night.files / "truth.json")
    assert comparison.passed, comparison


def test_a_store_that_cannot_tell_its_room_is_no_fault(fleet_night):
    log = fleet_night.fleet.processes["scheduler"].log.read_text()
    assert "room in the store" not in log
