"""Celery's side of the dispatch benchmark; runs in .venv-peers, prints one JSON line.

Quorum queue, persistent messages that are confirmed, late acknowledgement, results in
PostgreSQL, one worker process. Usage: celery_side.py TASKS WIDTH DEPTH PINGS, with
PEER_BROKER and PEER_RESULTS set. The module is the application of its worker as well.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time

import sqlalchemy
from celery import Celery, chain
from kombu import Queue

NAME = "noop"
RESULTS = os.environ.get("PEER_RESULTS", "")
ENGINE = sqlalchemy.create_engine(RESULTS.removeprefix("db+")) if RESULTS else None

app = Celery(
    "celery_side",
    broker=os.environ.get("PEER_BROKER", ""),
    backend=RESULTS,
)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=32,
    task_default_queue=NAME,
    task_default_queue_type="quorum",
    task_queues=[
        Queue(NAME, routing_key=NAME, queue_arguments={"x-queue-type": "quorum"})
    ],
    worker_detect_quorum_queues=True,
    broker_transport_options={"confirm_publish": True},
    task_default_delivery_mode="persistent",
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    result_persistent=True,
    database_short_lived_sessions=False,
)


@app.task(name=NAME)
def noop(number=0):
    """Do nothing, and say when it began."""
    return [number, time.time()]


def percentile(values, part):
    """The value below which `part` percent lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part / 100 * len(ordered)))]


def flat(count):
    """Tasks per second of independent tasks, from the first send to the last result."""
    already, begun = results(), time.perf_counter()
    for number in range(count):
        noop.delay(number)
    sent = time.perf_counter() - begun
    until(already + count)
    return {"flat": count / (time.perf_counter() - begun), "send": count / sent}


def lines(width, depth):
    """Tasks per second of `width` chains of `depth` tasks each."""
    already, begun = results(), time.perf_counter()
    for _ in range(width):
        chain(*(noop.si(row) for row in range(depth))).apply_async()
    until(already + width * depth)
    return {"lines": width * depth / (time.perf_counter() - begun)}


def results():
    """Count the stored results: one cheap query, so that waiting costs next to nothing."""
    query = "SELECT count(*) FROM celery_taskmeta WHERE status = 'SUCCESS'"
    with ENGINE.connect() as connection:
        return connection.execute(sqlalchemy.text(query)).scalar_one()


def until(count):
    """Wait for so many stored results."""
    while results() < count:
        time.sleep(0.1)


def pings(count):
    """Milliseconds from the send of a task to its start, one task at a time."""
    taken = []
    for number in range(count):
        ready = time.time()
        _, started = noop.delay(number).get(timeout=60, interval=0.002)
        taken.append((started - ready) * 1000)
    return {
        "p50_ms": statistics.median(taken),
        "p99_ms": percentile(taken, 99),
    }


def main(tasks, width, depth, count):
    """Start a worker, measure, stop it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_side", "worker", "-c", "1"]
        + ["--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        noop.delay(0).get(timeout=60)
        print("mark begin", flush=True)
        figures = flat(tasks)
        print("mark flat", flush=True)
        figures |= lines(width, depth)
        print("mark lines", flush=True)
        figures |= pings(count)
        print(json.dumps(figures))
    finally:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
