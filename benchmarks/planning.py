"""Planning and storing 250 nights, 618,000 tasks, against Snakemake's 6,000 jobs.

The real planner with the real calibration plan, keys, choices and reasons, into the real
tables of a private PostgreSQL (fsync on); a job for each night, a transaction each.
Making up the headers and starting the database are not timed. Memory is the largest sum
over the processes that plan, PostgreSQL apart. Snakemake plans the same shape (24 IFUs,
bias to cube), 10 nights of 597 jobs.
"""

import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import archive
import psutil
from typing_extensions import override
from verdict import Verdict

from muse_scheduler.models import PlanRequest, Versions
from muse_scheduler.rules import Planner
from muse_scheduler.service import Context, Policy, SchedulerService
from muse_scheduler.store import FrameStore
from musecore.db import Database, EmbeddedPostgres, upgrade
from musecore.identity import Principal
from musecore.muse.schema import load

NIGHTS = 250
TASKS = 2_472  # of a night
GOAL_S, AIM_S = 60.0, 30.0
GOAL_MB, AIM_MB = 1_500.0, 1_000.0
SNAKE_NIGHTS = 10
SNAKE_JOBS = 597
SNAKEFILE = Path(__file__).parent / "peers" / "Snakefile"
PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin"

_CAMPAIGN = UUID("0193f6c4-0000-7000-8000-000000000250")
_ASKED = PlanRequest(product="DATACUBE_FINAL", combine=False)
_VERSIONS = Versions(
    pipeline="muse/2.8.7", cpl="cpl-7.3.2", musewise="0.1.0", rule_set="1"
)
_BELOW = """
WITH RECURSIVE below AS (
    SELECT child FROM dep WHERE parent = ANY(:ids)
    UNION SELECT d.child FROM dep d JOIN below b ON d.parent = b.child
)
SELECT count(*) FROM below
"""


async def plan_and_store(url: str, nights: int) -> dict[str, Any]:
    """Fill the archive, plan it, and measure."""
    database = Database(url, "scheduler")
    await upgrade(database, "muse_scheduler")
    async with database.begin() as tx:
        await tx.copy("frame", archive.COLUMNS, archive.rows(nights))
        await tx.execute("ANALYZE frame")
    context = Context(database, load(), _VERSIONS, Policy(slots=50))
    service = SchedulerService(context)
    who = Principal(subject="ada", name="ada", projects={"local": 5})
    names = archive.night_names(nights)
    memory = Memory()
    memory.start()
    start = time.perf_counter()
    made = service.campaigns.accept(who, _CAMPAIGN, _ASKED, names)
    async for night in made:
        assert night.new, night
    seconds = time.perf_counter() - start
    peak_mb = memory.stop()
    counted = await _counted(database)
    below = await _descendants(database)
    alone = await _apart(context, names)
    await database.close()
    return {
        "seconds": seconds,
        "peak_mb": peak_mb,
        "cpu_s": children_cpu_s(),  # the processes of the campaign; they ended
        "counted": counted,
        "below": below,
        "alone": alone,
    }


class Memory(threading.Thread):
    """Watches the memory of this process and its children together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._peak = 0
        self._over = threading.Event()

    @override
    def run(self) -> None:
        """Look ten times a second."""
        me = psutil.Process()
        while not self._over.wait(0.1):
            sizes = []
            for one in (me, *me.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    sizes.append(one.memory_info().rss)
            self._peak = max(self._peak, sum(sizes))

    def stop(self) -> float:
        """Give the largest sum, in MB."""
        self._over.set()
        self.join()
        return self._peak / 2**20


async def _counted(database: Database) -> dict[str, int]:
    tables = ("task", "unit", "dep", "task_event", "job_task", "job")
    async with database.begin() as tx:
        return {
            name: (await tx.execute(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608  fixed names
            for name in tables
        }


async def _descendants(database: Database) -> dict[str, tuple[int, float]]:
    """Seconds for everything below one bias, a night's, and those of 25 nights."""
    async with database.begin() as tx:
        await tx.execute("ANALYZE dep")
        found = await tx.execute(
            "SELECT task_id FROM task WHERE recipe = 'muse_bias' ORDER BY task_id"
        )
        ids = [row[0] for row in found]
        figures = {}
        for name, count in (("1 bias", 1), ("1 night", 24), ("25 nights", 600)):
            start = time.perf_counter()
            below = await tx.execute(_BELOW, {"ids": ids[:count]})
            seconds = time.perf_counter() - start
            figures[name] = (int(below.scalar_one()), seconds)
    return figures


async def _apart(context: Context, names: list[str]) -> dict[str, float]:
    """Seconds of the parts that run side by side above, one after the other."""
    start = time.perf_counter()
    async with context.database.begin() as tx:
        frames = await FrameStore(tx).visible(["local"])
    read = time.perf_counter() - start
    start = time.perf_counter()
    planner = Planner(frames, context.model, context.versions)
    some = names[:: max(1, len(names) // 25)]
    first = planner.outline(_ASKED.model_copy(update={"night": some[0]}))
    once = time.perf_counter() - start
    start = time.perf_counter()
    for name in some[1:]:
        first = planner.outline(_ASKED.model_copy(update={"night": name}))
    each = (time.perf_counter() - start) / max(1, len(some) - 1)
    assert first.runnable
    return {"read_s": read, "sets_s": once, "choose_and_keys_s": each * len(names)}


def children_cpu_s() -> float:
    """Give the processor time of the children of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(nights: int) -> dict[str, Any]:
    """Run `plan_and_store` in a process of its own; gives its figures."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "pg") as server:
            command = [sys.executable, __file__, server.url(), str(nights)]
            done = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True
            )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def snakemake(nights: int) -> tuple[float, float]:
    """Seconds and MB of Snakemake planning so many nights."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for night in range(nights):
            raw = folder / "raw" / f"n{night}"
            raw.mkdir(parents=True)
            for tag, count in (("bias", 11), ("flat", 11), ("wave", 15), ("obj", 20)):
                for n in range(count):
                    (raw / f"{tag}{n}.fits").touch()
        command = [str(PEERS / "python"), "-m", "snakemake", "-n", "-q", "all"]
        command += [
            "--cores",
            "2",
            "-s",
            str(SNAKEFILE),
            "--config",
            f"nights={nights}",
        ]
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, children.ru_maxrss / 1024


def run() -> list[Verdict]:
    """Measure and judge."""
    theirs, theirs_mb = snakemake(SNAKE_NIGHTS)
    jobs = SNAKE_JOBS * SNAKE_NIGHTS + 1
    mine = measure(NIGHTS)
    seconds, peak_mb = mine["seconds"], mine["peak_mb"]
    alone, rows = mine["alone"], mine["counted"]
    tasks = rows["task"]
    print(f"{tasks} tasks of {NIGHTS} nights planned and stored: {seconds:.1f} s,")
    print(f"  {tasks / seconds:.0f} tasks/s, peak {peak_mb:.0f} MB;")
    print(f"  processors: planning {mine['cpu_s']:.1f} s besides PostgreSQL's own,")
    print(f"  load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; side by side:")
    print(f"  frames read {alone['read_s']:.1f} s, sets {alone['sets_s']:.1f} s,")
    print(
        f"  choices and keys {alone['choose_and_keys_s']:.1f} s (of 25 nights, scaled),"
    )
    rest = seconds - alone["read_s"] - alone["sets_s"] - alone["choose_and_keys_s"]
    print(f"  storing: {rest:.1f} s that are not hidden behind these")
    print("  rows: " + ", ".join(f"{name} {count}" for name, count in rows.items()))
    for name, (count, took) in mine["below"].items():
        print(f"  all below {name}: {count} tasks in {1000 * took:.0f} ms")
    print(f"Snakemake: {jobs} jobs in {theirs:.2f} s, {theirs_mb:.0f} MB")
    per_task, per_job = seconds / tasks, theirs / jobs
    counts = rows["task"] == NIGHTS * TASKS
    return [
        Verdict(
            f"plan and store {tasks} tasks",
            f"{seconds:.1f} s (aim {AIM_S:.0f} s)",
            seconds / GOAL_S,
            f"<= {GOAL_S:.0f} s, every task stored",
            seconds <= GOAL_S and counts,
        ),
        Verdict(
            "memory of planning",
            f"{peak_mb:.0f} MB (aim {AIM_MB:.0f} MB)",
            peak_mb / GOAL_MB,
            f"<= {GOAL_MB:.0f} MB",
            peak_mb <= GOAL_MB,
        ),
        Verdict(
            "seconds per task against Snakemake's per job",
            f"{1e6 * per_task:.0f} us stored, {1e6 * per_job:.0f} us planned only",
            per_task / per_job,
            "< 1",
            per_task < per_job,
        ),
    ]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(plan_and_store(sys.argv[1], int(sys.argv[2])))))
