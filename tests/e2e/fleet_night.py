"""The night of one IFU on a fleet of processes over real servers, for several tests."""

import asyncio
import time
from pathlib import Path
from typing import Any

from muse_worker.main import engine_of
from muse_worker.settings import WorkerSettings
from musecore.broker import Broker
from musecore.muse.pools import load_pools
from musecore.serving import blobs_of, broker_of
from tests.support.fleet import Fleet
from tests.support.night import Night
from tests.support.processes import wait_for

POOLS = tuple(f"worker.{name}" for name in load_pools().names)
QUEUES = ("catalog", "storage", "scheduler.frames", "scheduler.tasks", *POOLS)


class FleetNight:
    """A fleet with the real pipeline, and the job that makes the cube.

    A worker runs one recipe at a time, and hands it back soon when it is told to stop.
    """

    def __init__(
        self, folder: Path, *, broker_url: str, blobs_url: str, workers: int
    ) -> None:
        self.folder = folder
        self.broker_url = broker_url
        self.blobs_url = blobs_url
        self.fleet = Fleet(
            folder,
            broker_url=broker_url,
            blobs_url=blobs_url,
            workers=workers,
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

    def half_done(self) -> dict[str, object]:
        """Give what nobody should leave behind: empty, as soon as all is quiet."""
        fleet = self.fleet
        held = asyncio.run(blobs_of(self.blobs_url).keys("objects/"))
        known = fleet.sql("SELECT object_key FROM storage.file WHERE state = 'STORED'")
        found: dict[str, object] = {
            "objects": sorted(set(held) ^ {row[0] for row in known}),
            "uploads": fleet.sql("SELECT * FROM storage.upload WHERE state = 'OPEN'"),
            "counters": fleet.sql(
                "SELECT recipe, state, n_wait FROM scheduler.task "
                "WHERE n_wait < 0 OR n_wait > 0 AND state = 'DONE'"
            ),
            "twice": fleet.sql(
                "SELECT task_id FROM catalog.file WHERE task_id IS NOT NULL "
                "GROUP BY task_id HAVING count(DISTINCT attempt) > 1"
            ),
        }
        for schema in ("catalog", "scheduler", "storage"):
            unsent = f"SELECT * FROM {schema}.outbox WHERE sent_at IS NULL"
            found[f"unsent by {schema}"] = fleet.sql(unsent)
        return {what: rows for what, rows in found.items() if rows}

    def left(self, seconds: float = 60) -> dict[str, object]:
        """Give what is half done when nothing more happens to it."""
        deadline = time.monotonic() + seconds
        while (found := self.half_done()) and time.monotonic() < deadline:
            time.sleep(0.5)
        return found

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
