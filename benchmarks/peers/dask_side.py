"""Dask's side of the dispatch benchmark; runs in .venv-peers, prints one JSON line.

One worker process with one thread. Dask keeps nothing: no broker, no stored result.
Usage: dask_side.py TASKS WIDTH DEPTH BARRIER PINGS.
"""

import json
import statistics
import sys
import time

from distributed import Client, LocalCluster


def noop(*_inputs):
    """Do nothing, and say when it began."""
    return time.time()


def graph(name, width, depth, barrier):
    """Lines of `depth` tasks, joined by one task after every `barrier` of them."""
    tasks, before = {}, None
    for row in range(depth):
        for column in range(width):
            above = before or (row and f"{name}-{row - 1}-{column}")
            key = f"{name}-{row}-{column}"
            tasks[key] = (noop, above) if above else (noop,)
        before = None
        if (row + 1) % barrier == 0:
            before = f"{name}-b{row}"
            row_of = (f"{name}-{row}-{column}" for column in range(width))
            tasks[before] = (noop, *row_of)
    return tasks, before or f"{name}-{depth - 1}-0"


def main(tasks, width, depth, barrier, count):
    """Measure independent tasks, the graph, and single tasks."""
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        client.submit(noop, pure=False).result()
        begun = time.perf_counter()
        client.gather(client.map(noop, range(tasks), pure=False))
        flat = tasks / (time.perf_counter() - begun)
        made, last = graph("n", width, depth, barrier)
        begun = time.perf_counter()
        client.get(made, last, optimize_graph=False)
        dag = len(made) / (time.perf_counter() - begun)
        taken = []
        for number in range(count):
            ready = time.time()
            started = client.submit(noop, number, pure=False).result()
            taken.append((started - ready) * 1000)
        taken.sort()
        figures = {
            "flat": flat,
            "dag": dag,
            "p50_ms": statistics.median(taken),
            "p99_ms": taken[min(len(taken) - 1, int(0.99 * len(taken)))],
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:6]))
