"""The demo's recipe chain through musewise, against the same calls in a shell script.

Five pairs, alternating, in one run; same inputs, options, threads and concurrency (the
chain of one IFU is a line: one recipe at a time). Timed are: from the accepted request
to the end of the job; from the start of the script to its end. Simulating, starting the
server and putting the files are not timed. The products of the last pair are compared.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from products import differences
from verdict import Verdict

PAIRS = 5
GOAL = 1.05
IFU = 12
BIN = Path(sys.executable).parent
REQUEST = {
    "product": "DATACUBE_FINAL",
    "target": "SIMFIELD",
    "project": "local",
    "parameters": {"scipost.rvcorr": "none"},
}


class Server:
    """An embedded server on an empty folder, with the night put in."""

    def __init__(self, folder: Path, night: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        with (folder / "server.log").open("wb") as log:
            program = str(BIN / "musewise-server")
            command = [program, "up", "--dir", str(self.data), "--port", "0"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        card = self.data / "server.json"
        while not card.exists():
            if self._process.poll() is not None:
                sys.exit((folder / "server.log").read_text())
            time.sleep(0.1)
        token = (self.data / "token").read_text()
        self.http = httpx.Client(
            base_url=json.loads(card.read_text())["url"],
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        self.musewise("put", str(night / "raw"), str(night / "static"))

    def musewise(self, *arguments: str) -> str:
        """Run the command line against this server."""
        done = subprocess.run(
            [BIN / "musewise", *arguments],
            env={**os.environ, "MUSEWISE_DIR": str(self.data)},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def get(self, path: str, **query: Any) -> Any:
        """GET JSON."""
        return self.http.get(path, params=query).raise_for_status().json()

    def run(self) -> tuple[float, str]:
        """Run the chain; gives seconds and the job's id."""
        start = time.perf_counter()
        job = self.http.post("/scheduler/jobs", json=REQUEST).raise_for_status().json()
        path = f"/scheduler/jobs/{job['job_id']}"
        while (state := self.get(path)["state"]) in {"PLANNED", "RUNNING"}:
            time.sleep(0.05)
        if state != "DONE":
            sys.exit(f"job {job['job_id']} ended {state}")
        return time.perf_counter() - start, str(job["job_id"])

    def products(self, job: str) -> dict[str, Path]:
        """Files of the products by name, fetched."""
        found = {}
        for task in self.get(f"/scheduler/jobs/{job}/tasks"):
            frames = self.get("/catalog/frames", task_id=task["task_id"])["items"]
            for frame in frames:
                path = self.data / frame["filename"]
                self.musewise("get", frame["frame_id"], "-o", str(path))
                found[frame["filename"]] = path
        return found

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=60)


def calls(server: Server, job: str) -> list[dict[str, Any]]:
    """What musewise ran: recipe, set parameters, inputs in order, threads."""
    tasks = in_order(server.get(f"/scheduler/jobs/{job}/tasks"))
    time.sleep(1)  # until the catalog has heard of the last product
    return [{**task, "inputs": inputs(server, task["task_id"])} for task in tasks]


def inputs(server: Server, task_id: str) -> list[dict[str, str]]:
    """Tag and file name of the inputs of a task, in set-of-frames order."""
    made = server.get("/catalog/frames", task_id=task_id)["items"][0]
    tree = server.get(f"/catalog/frames/{made['frame_id']}/lineage", depth=1)
    return [
        {"tag": one["tag"], "filename": one["frame"]["filename"]}
        for one in tree["inputs"]
    ]


def in_order(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order the tasks of the chain as they ran."""
    order = ["muse_bias", "muse_flat", "muse_wavecal", "muse_scibasic", "muse_scipost"]
    return sorted(tasks, key=lambda task: order.index(task["recipe"]))


def script(folder: Path, night: Path, chain: list[dict[str, Any]]) -> Path:
    """Write the bare calls as a shell script with their sets of frames."""
    out = folder / "bare"
    out.mkdir(parents=True)
    raw = {path.name: path for path in night.rglob("*.fits")}
    lines = ["#!/bin/sh", "set -e", f"cd {out}"]
    for task in chain:
        recipe = task["recipe"]
        sof = out / f"{recipe}.sof"
        rows = [
            f"{raw.get(one['filename'], out / one['filename'])} {one['tag']}"
            for one in task["inputs"]
        ]
        sof.write_text("\n".join(rows) + "\n")
        options = [f"--{name}={text(v)}" for name, v in task["set_parameters"].items()]
        nifu = [] if task["ifu"] is None else [f"--nifu={task['ifu']}"]
        command = " ".join(
            ["esorex", "--suppress-prefix=true", f"--output-dir={out}"]
            + [f"--log-dir={out}", f"--log-file={recipe}.log"]
            + [recipe, *nifu, *options, str(sof)]
        )
        lines.append(f"OMP_NUM_THREADS={task['threads']} {command} > {recipe}.out 2>&1")
    path = folder / "bare.sh"
    path.write_text("\n".join(lines) + "\n")
    return path


def text(value: Any) -> str:
    """Write a parameter value as esorex reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def bare(path: Path) -> float:
    """Run the script; gives seconds."""
    start = time.perf_counter()
    subprocess.run(["sh", path], check=True)
    return time.perf_counter() - start


def measure(folder: Path, night: Path) -> tuple[list[tuple[float, float]], list[str]]:
    """Run the pairs; gives (musewise, bare) seconds and differences of products."""
    pairs, differ = [], []
    for number in range(PAIRS):
        here = folder / f"pair{number}"
        server = Server(here, night)
        try:
            mine, job = server.run()
            theirs = bare(script(here, night, calls(server, job)))
            if number == PAIRS - 1:
                made = server.products(job)
                differ = differences(made, here / "bare")
        finally:
            server.stop()
        print(
            f"  pair {number + 1}: musewise {mine:.1f} s, script {theirs:.1f} s",
            flush=True,
        )
        pairs.append((mine, theirs))
        shutil.rmtree(here)
    return pairs, differ


def run() -> list[Verdict]:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        night = folder / "night"
        subprocess.run(
            [BIN / "musesim", "night", night, "--ifus", str(IFU), "--quiet"], check=True
        )
        pairs, differ = measure(folder, night)
    ours = statistics.median(mine for mine, _ in pairs)
    script_s = statistics.median(theirs for _, theirs in pairs)
    ratio = ours / script_s
    for line in differ:
        print(f"  differs: {line}")
    return [
        Verdict(
            "recipe chain, wall time",
            f"{ours:.1f} s, shell script {script_s:.1f} s (medians of {PAIRS} pairs)",
            ratio,
            f"<= {GOAL}",
            ratio <= GOAL,
        ),
        Verdict(
            "products of musewise and of the script",
            "identical data and headers"
            if not differ
            else f"{len(differ)} differences",
            float(len(differ)),
            "0 differences",
            not differ,
        ),
    ]
