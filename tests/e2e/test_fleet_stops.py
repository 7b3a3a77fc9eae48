"""Real recipes of a fleet are stopped on the way: job cancelled, worker drained, stopped.

The fleet of ``test_fleet_night`` with two workers. First the job is cancelled while
muse_flat runs. It is asked for again; the worker that runs muse_flat then is drained,
and the one that runs muse_wavecal is told to stop.
"""

import asyncio
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from tests.e2e.fleet_night import FleetNight
from tests.support.night import CHAIN, CUBE
from tests.support.processes import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.real]

STOPPED_S = 15.0
QUICK = [*CUBE, "-p", "scipost.lambdamin=6900", "-p", "scipost.lambdamax=7000"]


class Stops:
    """What was done to the fleet, and what was seen."""

    def __init__(self, night: FleetNight) -> None:
        self.night = night
        self.fleet = night.fleet
        self.cancelled_job = ""
        self.stopped_after_s = 0.0
        self.after_cancel: dict[str, object] = {}
        self.drained = self.handed_back_by = ""
        self.exits: dict[str, int | None] = {}

    def recipes(self) -> list[psutil.Process]:
        """Give the processes that work in the folders of attempts, orphans too."""
        return [one for one in psutil.process_iter() if self._is_ours(one)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            place = Path(process.cwd())
            is_over = process.status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        return not is_over and place.is_relative_to(self.fleet.folder / "work")

    def process(self) -> str:
        self.night.job = self.fleet.ask("process", *QUICK, "--yes", "--no-wait")[
            "job_id"
        ]
        return self.night.job

    def until_works(self, recipe: str) -> str:
        """Wait until esorex has begun to compute; give the worker."""
        worker = self.night.until_runs(recipe)
        wait_for(lambda: any(map(_computes, self.recipes())), f"{recipe}", 60)
        return worker

    def cancel(self) -> None:
        self.cancelled_job = self.process()
        self.until_works("muse_flat")
        asked = time.monotonic()
        told = self.fleet.run("job", self.cancelled_job, "--cancel")
        assert told.returncode == 0, told.stdout + told.stderr
        wait_for(lambda: not self.recipes(), "the recipe to be stopped", 60)
        self.stopped_after_s = time.monotonic() - asked
        self.after_cancel = self.night.left()

    def drain(self) -> None:
        self.process()
        self.drained = self.until_works("muse_flat")
        told = self.fleet.run("worker", "drain", self.drained, "--reason", "a new disk")
        assert told.returncode == 0, told.stdout + told.stderr

    def stop(self) -> None:
        self.handed_back_by = self.until_works("muse_wavecal")
        for name in (self.drained, self.handed_back_by):
            self.exits[name] = self.fleet.processes[name].stop()
        self.fleet.restart(self.drained)
        self.night.until_ended()


def _computes(process: psutil.Process) -> bool:
    try:
        return process.name() == "esorex" and process.cpu_times().user > 0.5
    except psutil.Error:
        return False


@pytest.fixture(scope="module")
def stops(servers, raw_night):
    """Everything that is done to the fleet, in turn."""
    folder, broker_url, blobs_url = servers
    one = FleetNight(folder, broker_url=broker_url, blobs_url=blobs_url, workers=2)
    with one.fleet:
        one.put(raw_night)
        done = Stops(one)
        done.cancel()
        done.drain()
        done.stop()
        yield done


def test_cancelling_a_job_stops_its_recipe_in_time(stops):
    assert stops.stopped_after_s < STOPPED_S
    job = stops.fleet.ask("job", stops.cancelled_job)
    assert job["state"] == "CANCELLED"
    attempts = stops.fleet.ask("job", stops.cancelled_job, "--attempts")
    flat = [one for one in attempts if one["recipe"] == "muse_flat"]
    assert flat[0]["outcome"] == "cancelled"


def test_a_cancelled_job_leaves_no_process_and_no_object(stops):
    assert not stops.after_cancel


def test_a_drained_worker_ends_its_recipe_and_begins_none(stops):
    flat = stops.night.attempts("muse_flat")[-1]
    assert (flat["worker"], flat["outcome"]) == (stops.drained, "finished")
    assert stops.handed_back_by != stops.drained
    assert stops.exits[stops.drained] == 0


def test_what_a_stopped_worker_handed_back_is_made_by_another(stops):
    assert stops.exits[stops.handed_back_by] == 0
    first, second = stops.night.attempts("muse_wavecal")
    assert (first["worker"], first["outcome"]) == (stops.handed_back_by, "handed_back")
    assert (second["worker"], second["outcome"]) == (stops.drained, "finished")


def test_in_the_end_every_task_is_done_once_and_nothing_is_left(stops):
    job = stops.fleet.ask("job", stops.night.job)
    assert job["state"] == "DONE", stops.fleet.logs()
    finished = [o for o in stops.night.attempts() if o["outcome"] == "finished"]
    assert Counter(one["recipe"] for one in finished) == Counter(CHAIN)
    assert not stops.night.left()
    assert not stops.recipes()
    assert not list(stops.fleet.folder.glob("work/w*/[!.]*"))
    letters = asyncio.run(stops.night.dead_letters())
    assert not any(letters.values()), letters
