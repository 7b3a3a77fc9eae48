"""The whole loop with tasks that do nothing, against Celery and Dask.

Ours: plan stored, outbox, quorum queue, worker, result, release, through the real
scheduler as a process and one worker process. Celery: the same RabbitMQ and
PostgreSQL (fsync on), quorum queue, confirms, stored results, one worker process.
Dask: one worker process; it keeps nothing. Ours and Celery take turns.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import noop_graph
import psutil
from verdict import Verdict

from muse_scheduler.main import policy_of, versions_of
from muse_scheduler.models import Outline, PlanRequest
from muse_scheduler.service import Context, SchedulerService
from muse_scheduler.settings import SchedulerSettings
from musecore.db import Database, EmbeddedPostgres, upgrade
from musecore.identity import Principal
from musecore.muse.schema import load
from musecore.testing.rabbit import PrivateRabbit
from musecore.times import uuid7

ROUNDS = 3  # both sides in turns, since other work comes and goes on a machine
TASKS = 1_500
WIDTH, DEPTH, BARRIER = 24, 50, 25
PINGS = 50
SLOTS = 200  # of the pool; twice as many are queued or running
PATIENCE_S = 900
POLL_S = 0.1  # between looks for the end, on both sides
GOAL, AIM = 1.5, 3.0

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PEERS = HERE.parent / ".venv-peers" / "bin"

Figures = dict[str, float]
Used = Callable[[], float]

_ADA = Principal(subject="ada", name="ada", projects={"local": 5})
_DONE = "SELECT count(*) FROM task WHERE state = 'DONE'"
_LATENCY = """
SELECT 1000 * extract(epoch FROM t.started - e.at) AS ms FROM job_task j
    JOIN task t USING (task_id) JOIN task_event e USING (task_id)
WHERE j.job_id = ANY(:jobs) AND e.to_state = 'READY'
"""


# -- servers
@contextmanager
def servers() -> Iterator[tuple[EmbeddedPostgres, PrivateRabbit]]:
    """Run a private PostgreSQL (fsync on) and a private RabbitMQ."""
    with tempfile.TemporaryDirectory(prefix="musewise-dispatch-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        rabbit = PrivateRabbit(folder / "rabbit")
        with EmbeddedPostgres(folder / "pg", run_dir=folder) as postgres:
            try:
                rabbit.start()
                yield postgres, rabbit
            finally:
                rabbit.remove()


@contextmanager
def process(
    command: list[str | Path], settings: Mapping[str, str], log: Path
) -> Iterator[None]:
    """Run a program of ours; SIGTERM at the end."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("MUSEWISE_")}
    ours = {f"MUSEWISE_{name.upper()}": value for name, value in settings.items()}
    with log.open("wb") as out:
        running = subprocess.Popen(command, env=others | ours, stdout=out, stderr=out)
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def until_there(path: Path, text: str, log: Path, seconds: float = 60) -> str:
    """Wait until a file is there that has `text` in it; gives what it says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists() and text in (said := path.read_text()):
            return said
        time.sleep(0.05)
    sys.exit(f"waited in vain for {path.name}:\n{log.read_text()[-3000:]}")


@contextmanager
def service(name: str, folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run one of our services as a process; gives its address."""
    card, log = folder / f"{name}.json", folder / f"{name}.log"
    command: list[str | Path] = [BIN / "musewise-server", name, "--card", card]
    with process(command, settings, log):
        yield str(json.loads(until_there(card, "url", log))["url"])


# -- our side
@contextmanager
def site(folder: Path, database_url: str, broker_url: str) -> Iterator[None]:
    """Run auth, scheduler and the worker, as processes."""
    secret = folder / "secret"
    secret.write_text(secrets.token_urlsafe(24))
    shared = {
        "database_url": database_url,
        "broker_url": broker_url,
        "log_level": "WARNING",
        "signing_key_path": str(folder / "signing.pem"),
        "make_signing_key": "true",
        "slots": str(SLOTS),
        "window": "2",
    }
    with ExitStack() as stack:
        shared["auth_url"] = stack.enter_context(service("auth", folder, shared))
        account: list[str | Path] = [BIN / "musewise-server", "admin"]
        account += ["service-account", "worker", "--secret-file", secret]
        variables = {f"MUSEWISE_{k.upper()}": v for k, v in shared.items()}
        subprocess.run(
            account, env=os.environ | variables, check=True, capture_output=True
        )
        url = stack.enter_context(service("scheduler", folder, shared))
        log = folder / "worker.log"
        me = {
            "scheduler_url": url,
            "client_id": "worker",
            "client_secret": secret.read_text(),
            "name": "noop",
        }
        command: list[str | Path] = [sys.executable, HERE / "noop_worker.py"]
        stack.enter_context(process(command, shared | me, log))
        until_there(log, "ready", log)
        yield
        if "Traceback" in (said := log.read_text()):
            sys.exit(f"the worker said:\n{said[-3000:]}")


class Ours:
    """Puts graphs of no-ops in and waits for their ends."""

    def __init__(self, database: Database) -> None:
        settings = SchedulerSettings(slots=SLOTS, window=2)
        model = load()
        context = Context(
            database, model, versions_of(settings, model), policy_of(settings)
        )
        self._database = database
        self._planning = SchedulerService(context).planning

    async def run(self, outline: Outline, poll_s: float = POLL_S) -> tuple[Any, float]:
        """Give the id of the job and the tasks per second, from plan to last result."""
        already = await self._done()
        begun = time.perf_counter()
        asked = PlanRequest(product="MASTER_BIAS")
        job = uuid7()
        await self._planning.accept_outline(_ADA, asked, outline, job_id=job)
        async with asyncio.timeout(PATIENCE_S):
            while await self._done() < already + outline.count:  # noqa: ASYNC110
                await asyncio.sleep(poll_s)
        return job, outline.count / (time.perf_counter() - begun)

    async def _done(self) -> int:
        async with self._database.begin() as tx:
            return int((await tx.execute(_DONE)).scalar_one())

    async def latencies(self, jobs: list[Any]) -> list[float]:
        """Give ms from READY to the start at the worker, of the tasks of jobs."""
        async with self._database.begin() as tx:
            found = await tx.execute(_LATENCY, {"jobs": jobs})
            return sorted(float(row[0]) for row in found)


async def measure_ours(database_url: str, used: Used, turn: int) -> Figures:
    """Run the graphs through a site that stands."""
    database = Database(database_url, "scheduler")
    mine = Ours(database)
    await mine.run(noop_graph.flat(f"warm-{turn}", 200))
    before = used()
    many, flat = await mine.run(noop_graph.flat(f"flat-{turn}", TASKS))
    between = used()
    graph = noop_graph.lines(f"dag-{turn}", WIDTH, DEPTH, BARRIER)
    rows, dag = await mine.run(graph)
    after = used()
    jobs = [
        (await mine.run(noop_graph.flat(f"ping-{turn}-{n}", 1), 0.002))[0]
        for n in range(PINGS)
    ]
    alone, loaded = await mine.latencies(jobs), await mine.latencies([rows])
    waits = await mine.latencies([many])
    await database.close()
    return {
        "flat": flat,
        "lines": dag,
        "flat_cpu_ms": 1000 * (between - before) / TASKS,
        "lines_cpu_ms": 1000 * (after - between) / graph.count,
        "p50_ms": statistics.median(alone),
        "p99_ms": percentile(alone, 99),
        "lines_p50_ms": statistics.median(loaded),
        "lines_p99_ms": percentile(loaded, 99),
        "flat_p50_ms": statistics.median(waits),
    }


@contextmanager
def standing(postgres: EmbeddedPostgres, rabbit: PrivateRabbit) -> Iterator[str]:
    """Run our side; gives the address of its database."""
    url = postgres.url()

    async def migrate() -> None:
        for schema in ("auth", "scheduler"):
            database = Database(url, schema)
            await upgrade(database, f"muse_{schema}")
            await database.close()

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(migrate())
        with site(Path(name), url, rabbit.vhost()):
            yield url


def processors(postgres: EmbeddedPostgres) -> Used:
    """Give a function that tells the processor seconds of all that run here so far.

    Of this process, its children and PostgreSQL; not of children that have ended.
    """
    pid = (postgres.cluster / "postmaster.pid").read_text().split()[0]

    def used() -> float:
        me, server = psutil.Process(), psutil.Process(int(pid))
        total = 0.0
        for one in (me, *me.children(recursive=True), server, *server.children()):
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system
        return total

    return used


def percentile(ordered: list[float], part: float) -> float:
    """Give the value below which `part` percent lie."""
    return ordered[min(len(ordered) - 1, int(part / 100 * len(ordered)))]


# -- theirs
def celery(url: str, broker_url: str, used: Used) -> Figures:
    """Measure Celery's side over the same servers."""
    results = url.replace("postgresql:", "db+postgresql+psycopg:")
    variables = {"PEER_BROKER": broker_url, "PEER_RESULTS": results}
    numbers = [TASKS, WIDTH, DEPTH, PINGS]
    figures, marks = _peer("celery_side.py", numbers, variables, used)
    begun, flat, lines = marks
    return figures | {
        "flat_cpu_ms": 1000 * (flat - begun) / TASKS,
        "lines_cpu_ms": 1000 * (lines - flat) / (WIDTH * DEPTH),
    }


def dask() -> Figures:
    """Measure Dask's side."""
    numbers = [TASKS, WIDTH, DEPTH, BARRIER, PINGS]
    return _peer("dask_side.py", numbers, {}, lambda: 0.0)[0]


def _peer(
    script: str, numbers: list[int], variables: Mapping[str, str], used: Used
) -> tuple[Figures, list[float]]:
    """Give the figures that a script says last, and what was used at each mark."""
    command = [str(PEERS / "python"), str(HERE / "peers" / script)]
    with tempfile.TemporaryFile("w+") as errors:
        running = subprocess.Popen(
            command + [str(number) for number in numbers],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert running.stdout is not None
        said, marks = "", []
        for line in running.stdout:
            if line.startswith("mark"):
                marks.append(used())
            else:
                said = line
        if running.wait():
            errors.seek(0)
            sys.exit(said + errors.read())
    figures: Figures = json.loads(said)
    return figures, marks


# -- verdict
def run() -> list[Verdict]:
    """Measure all three and judge."""
    mine: list[Figures] = []
    theirs: list[Figures] = []
    print(f"{TASKS} tasks; {WIDTH} lines of {DEPTH}, a barrier after every {BARRIER}")
    with servers() as (postgres, rabbit), standing(postgres, rabbit) as url:
        used, apart = processors(postgres), rabbit.vhost()
        for turn in range(ROUNDS):
            mine.append(asyncio.run(measure_ours(url, used, turn)))
            theirs.append(celery(url, apart, used))
            load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            print(f"  ours:   {_line(mine[-1])}; {load}")
            print(f"  Celery: {_line(theirs[-1])} (lines: chains, no barriers)")
    print(f"  Dask:   {_line(dask())} (nothing kept)")
    return [
        _verdict("independent tasks per second", "flat", mine, theirs),
        _verdict("tasks per second in lines", "lines", mine, theirs),
    ]


def _line(figures: Figures) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())


def _verdict(
    name: str, kind: str, mine: list[Figures], theirs: list[Figures]
) -> Verdict:
    """Judge by the median of the rounds' ratios."""
    ratios = [a[kind] / b[kind] for a, b in zip(mine, theirs, strict=True)]
    ratio = statistics.median(ratios)
    cpu = f"{kind}_cpu_ms"
    a, b = (statistics.median(one[kind] for one in side) for side in (mine, theirs))
    c, d = (statistics.median(one[cpu] for one in side) for side in (mine, theirs))
    return Verdict(
        name,
        f"{a:.0f}/s, Celery {b:.0f}/s (aim {AIM:.0f} times); "
        f"processors {c:.2f} ms a task, Celery {d:.2f} ms",
        ratio,
        f">= {GOAL}, median of {len(ratios)}",
        ratio >= GOAL,
    )
