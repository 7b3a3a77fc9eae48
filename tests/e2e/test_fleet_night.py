"""The night of one IFU by a fleet: every service a process, over real servers.

PostgreSQL, RabbitMQ and an S3 store (Swift) of its own; three workers that share
nothing with each other. On the way the worker that runs muse_flat is told to stop, and
the scheduler is killed with -9 while muse_wavecal runs.
"""

import asyncio
import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from muse_worker.main import engine_of
from muse_worker.settings import WorkerSettings
from musecore.broker import Broker
from musecore.muse.pools import load_pools
from musecore.serving import blobs_of, broker_of
from musecore.testing.swift import PrivateSwift
from musesim.compare import compare
from tests.support.fleet import PROJECT, Fleet
from tests.support.night import CHAIN, CUBE, Night, contents
from tests.support.processes import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.real]

POOLS = tuple(f"worker.{name}" for name in load_pools().names)
QUEUES = ("catalog", "storage", "scheduler.frames", "scheduler.tasks", *POOLS)


class FleetNight:
    """The fleet on its servers, and the job that makes the cube."""

    def __init__(self, folder: Path, *, broker_url: str, blobs_url: str) -> None:
        self.folder = folder
        self.broker_url = broker_url
        self.blobs_url = blobs_url
        self.fleet = Fleet(
            folder,
            broker_url=broker_url,
            blobs_url=blobs_url,
            workers=3,
            own={
                "scheduler": {**_versions(), "backoff_s": "0.5", "prefer_s": "2"},
                "worker": {"slots": "1", "drain_s": "0.5"},
            },
        )
        self.job = ""

    def put(self, night: Night) -> None:
        """Put a night in, and wait until the scheduler knows every frame of it."""
        files = [night.files / "raw", night.files / "static"]
        put = self.fleet.run("put", *map(str, files))
        assert put.returncode == 0, put.stdout + put.stderr
        unknown = (
            "SELECT file_id FROM storage.file WHERE file_id NOT IN "
            "(SELECT file_id FROM scheduler.frame)"
        )
        wait_for(lambda: not self._look(unknown), "the scheduler to know them", 60)

    def attempts(self, recipe: str | None = None) -> list[dict[str, Any]]:
        """Every try of every task of the job, or of those of one recipe."""
        found = self.fleet.ask("job", self.job, "--attempts")
        return [one for one in found if recipe in (None, one["recipe"])]

    def until_runs(self, recipe: str) -> str:
        """Wait until a recipe runs; give the name of the worker."""
        failed = "SELECT recipe FROM scheduler.task WHERE state = 'FAILED'"
        query = "SELECT worker FROM scheduler.task WHERE recipe = $1 AND state = $2"

        def runs() -> list[Any]:
            assert not self.fleet.sql(failed), self.fleet.logs()
            return self._look(query, recipe, "RUNNING")

        [row] = wait_for(runs, f"{recipe} to run", 600)
        return str(row["worker"])

    def until_ended(self) -> None:
        """Wait until nothing of the job is left to do."""
        left = "SELECT task_id FROM scheduler.task WHERE state <> ALL ($1)"
        ends = ["DONE", "FAILED", "BLOCKED", "CANCELLED"]
        wait_for(lambda: not self._look(left, ends), "the end of the job", 600)

    def _look(self, query: str, *values: Any) -> list[Any]:
        time.sleep(0.2)  # the processors are for the recipes
        return self.fleet.sql(query, *values)

    async def dead_letters(self) -> dict[str, list[str]]:
        """Give the messages that a queue gave up, as sentences."""
        broker = broker_of(self.broker_url)
        await broker.start()
        names = self.fleet.worker_names
        own = [f"worker.{name}.cancelled" for name in names]
        own += [f"worker.at.{name}" for name in names]
        try:
            return {queue: await _dead(broker, queue) for queue in (*QUEUES, *own)}
        finally:
            await broker.close()


async def _dead(broker: Broker, queue: str) -> list[str]:
    letters = await broker.dead_letters(queue)
    return [f"{one.message.routing_key}: {one.detail}" for one in letters]


def _versions() -> dict[str, str]:
    """What the workers run: keys of tasks contain it, so the scheduler must know it."""
    versions = asyncio.run(engine_of(WorkerSettings()).versions())
    return {
        "pipeline_version": versions["pipeline"],
        "cpl_version": versions["cpl"],
    }


@pytest.fixture(scope="module")
def servers(rabbit):
    """A RabbitMQ and an S3 server for this fleet alone: folder, and their URLs."""
    folder = Path(tempfile.mkdtemp(prefix="mw-night-"))
    swift = PrivateSwift(folder / "swift")
    try:
        swift.start()
        yield folder, rabbit.vhost(), swift.url("musewise", create="true")
    finally:
        swift.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def fleet_night(servers, night):
    """The same files as the embedded night, reduced by a fleet that is disturbed."""
    folder, broker_url, blobs_url = servers
    one = FleetNight(folder, broker_url=broker_url, blobs_url=blobs_url)
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


def test_nothing_half_done_is_in_the_inventory(fleet_night):
    fleet = fleet_night.fleet
    assert not fleet.sql("SELECT * FROM storage.upload WHERE state = 'OPEN'")
    assert not fleet.sql("SELECT * FROM scheduler.task WHERE n_wait <> 0")
    held = asyncio.run(blobs_of(fleet_night.blobs_url).keys("objects/"))
    stored = "SELECT object_key FROM storage.file WHERE state = 'STORED'"
    assert sorted(held) == sorted(row[0] for row in fleet.sql(stored))
    twice = (
        "SELECT task_id FROM catalog.file WHERE task_id IS NOT NULL "
        "GROUP BY task_id HAVING count(DISTINCT attempt) > 1"
    )
    assert not fleet.sql(twice)


def test_no_message_was_given_up_and_none_is_unsent(fleet_night):
    assert not {
        queue: letters
        for queue, letters in asyncio.run(fleet_night.dead_letters()).items()
        if letters
    }
    for schema in ("catalog", "scheduler", "storage"):
        unsent = f"SELECT * FROM {schema}.outbox WHERE sent_at IS NULL"
        assert not fleet_night.fleet.sql(unsent)


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
