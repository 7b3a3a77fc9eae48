"""The demo: a simulated night becomes a data cube, by the commands a user types."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console

from muse_embedded.scenario import DemoImpossible, Scenario, check_room
from musewise.errors import Exit

__all__ = ["run_demo"]

TARGET = "SIMFIELD"
PROBE_S = 0.5  # how often the memory of the process tree is read
START_S = 60.0  # how long the server may take to answer
BIN = Path(sys.executable).parent


class Memory:
    """Peak resident memory of this process and all below it, sampled."""

    def __init__(self) -> None:
        self.peak_gb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(PROBE_S):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak_gb = max(self.peak_gb, total / 1e9)

    def stop(self) -> None:
        """End the sampling."""
        self._stop.set()


class Demo:
    """One run: folders, console, and the commands that it shows and runs."""

    def __init__(self, scenario: Scenario, folder: Path, console: Console) -> None:
        self.scenario = scenario
        self.folder = folder / scenario.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.night = self.folder / "night"
        self.data = self.folder / "data"
        self.console = console
        self.environment = {**os.environ, "MUSEWISE_DIR": str(self.data)}

    def say(self, text: str) -> None:
        """Announce a step."""
        self.console.print(f"\n[bold]{text}[/bold]")

    def run(
        self, program: str, *arguments: str, allowed: tuple[int, ...] = (0,)
    ) -> None:
        """Show a command, then run it on this terminal.

        Raises
        ------
        DemoImpossible
            It ended with another exit status than those allowed.
        """
        line = f"[dim]$ {program} {' '.join(arguments)}[/dim]"
        self.console.print(line, soft_wrap=True)
        done = subprocess.run(
            [BIN / program, *arguments], env=self.environment, check=False
        )
        if done.returncode not in allowed:
            msg = f"'{program} {arguments[0]}' ended with exit status {done.returncode}"
            raise DemoImpossible(msg, hint=f"See above, and {self.data / 'log'}.")

    def ask(self, *arguments: str) -> Any:
        """Run ``musewise ... --json`` and return its answer."""
        done = subprocess.run(
            [BIN / "musewise", *arguments, "--json"],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode and not (done.returncode == Exit.NOTHING and done.stdout):
            msg = f"'musewise {' '.join(arguments)}' failed: {done.stderr.strip()}"
            raise DemoImpossible(msg)
        return json.loads(done.stdout)


def answers(data: Path) -> str | None:
    """Return the URL of the server that runs on a data folder, if one answers."""
    card = data / "server.json"
    if not card.exists():
        return None
    url = str(json.loads(card.read_text())["url"])
    try:
        httpx.get(f"{url}/healthz", timeout=2).raise_for_status()
    except httpx.HTTPError:
        return None
    return url


def wait_for_server(data: Path, server: subprocess.Popen[bytes]) -> str:
    """Wait until the started server answers; returns its URL.

    Raises
    ------
    DemoImpossible
        It ended, or does not answer in time; the last lines of its log are given.
    """
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        if url := answers(data):
            return url
        time.sleep(0.1)
    log = data / "log" / "server.log"
    tail = log.read_text().splitlines()[-5:] if log.exists() else []
    msg = "the embedded server did not start: " + " | ".join(tail)
    raise DemoImpossible(msg, hint=f"Its log is {log}.")


@contextmanager
def serving(demo: Demo) -> Iterator[str]:
    """Serve the demo's data while the block runs; a server that already does is kept."""
    if url := answers(demo.data):
        demo.console.print(f"a server already runs on this data: {url}")
        yield url
        return
    log = demo.data / "log" / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    demo.console.print(f"[dim]$ musewise-server up --dir {demo.data} &[/dim]")
    with log.open("ab") as out:
        server = subprocess.Popen(
            [BIN / "musewise-server", "up", "--dir", demo.data, "--port", "0"],
            stdout=out,
            stderr=out,
        )
    try:
        yield wait_for_server(demo.data, server)
    finally:
        server.terminate()
        server.wait(timeout=30)


def simulate(demo: Demo) -> None:
    """Write the night; frames that are there already are kept."""
    ifus = ",".join(map(str, demo.scenario.ifus))
    demo.run(
        "musesim", "night", str(demo.night), "--ifus", ifus, "--chain", demo.scenario.chain,
        "--jobs", "2",
    )  # fmt: skip


def build(demo: Demo) -> dict[str, Any]:
    """Ask for the cube and wait for it; returns the cube's record."""
    parameters = [
        text
        for name, value in demo.scenario.parameters.items()
        for text in ("-p", f"{name}={value}")
    ]
    demo.run(
        "musewise", "process", "DATACUBE_FINAL", "--target", TARGET, *parameters, "--yes"
    )  # fmt: skip
    job = demo.ask("jobs")[0]
    cubes = [p for p in job["products"] if p["tag"] == "DATACUBE_FINAL"]
    if not cubes:
        msg = f"job {job['job_id']} ended without a DATACUBE_FINAL"
        raise DemoImpossible(msg, hint=f"musewise job {job['job_id']}")
    cube: dict[str, Any] = cubes[-1]
    return cube


def check_cube(demo: Demo, path: Path) -> None:
    """Compare the cube with the truth; a missed goal fails a strict scenario."""
    picture = str(demo.folder / "cube.png")
    truth = str(demo.night / "truth.json")
    allowed = (0,) if demo.scenario.strict else (0, 1)
    demo.run(
        "musesim", "compare", str(path), truth, "--picture", picture, allowed=allowed
    )


def check_offsets(demo: Demo) -> None:
    """Compare the offsets of aligned exposures with the pointing errors put in."""
    lists = demo.ask("ls", "OFFSET_LIST")
    if lists:
        path = demo.folder / "OFFSET_LIST.fits"
        demo.run("musewise", "get", lists[0]["frame_id"], "-o", str(path))
        demo.run("musesim", "offsets", str(path), str(demo.night / "truth.json"))


def show(
    demo: Demo, cube: dict[str, Any], url: str, memory: Memory, start: float
) -> None:
    """Say where everything is, and what to try next."""
    cube_id = cube["frame_id"]
    up = f"make demo-up{ifus_argument(demo.scenario)}"
    say = demo.console.print
    say(
        f"\n[bold green]Done[/bold green] in {time.monotonic() - start:.0f} s, ", end=""
    )
    say(f"at most {memory.peak_gb:.1f} GB of memory in all processes.")
    say(f"  the cube      {demo.folder / 'DATACUBE_FINAL.fits'}")
    say(f"  a picture     {demo.folder / 'cube.png'}")
    say(f"  the truth     {demo.night / 'truth.json'}")
    say(
        f"  to go on      {up}   (serves this data until Ctrl-C; API pages at its address)"
    )
    say("Then, in another shell:")
    say(f"  export MUSEWISE_DIR={demo.data} PATH={BIN}:$PATH", soft_wrap=True)
    for line in (
        "musewise ls",
        f"musewise show {cube_id}",
        f"musewise why {cube_id}",
        f"musewise qc {cube_id}",
        f"musewise process DATACUBE_FINAL --target {TARGET}"
        + "".join(f" -p {k}={v}" for k, v in demo.scenario.parameters.items())
        + " -p scipost.crsigma=20 -p scipost.crtype=median",
    ):
        say(f"  {line}", highlight=False, soft_wrap=True)


def ifus_argument(scenario: Scenario) -> str:
    """Write the scenario's IFUs as an argument of make; nothing for the default."""
    if scenario.name == "one-ifu":
        return ""
    if scenario.name == "field":
        return " IFUS=1-24"
    return " IFUS=" + ",".join(map(str, scenario.ifus))


def run_demo(scenario: Scenario, folder: Path, console: Console) -> None:
    """Run the demo in a folder; what is there from an earlier run is reused.

    Raises
    ------
    DemoImpossible
        A step failed; the message says which and what to do.
    """
    start = time.monotonic()
    memory = Memory()
    demo = Demo(scenario, folder, console)
    ifus = ", ".join(map(str, scenario.ifus))
    demo.say(f"musewise demo: {scenario.doc}")
    console.print(f"IFU {ifus}; {check_room(scenario, demo.folder)}", highlight=False)
    demo.say("1 A night of raw frames (simulated)")
    simulate(demo)
    demo.say("2 The embedded server")
    with serving(demo) as url:
        console.print(f"serves at {url}  (API pages: {url}/)", highlight=False)
        demo.say("3 Put the night into the catalog")
        demo.run("musewise", "put", str(demo.night / "raw"), str(demo.night / "static"))
        demo.say("4 Ask for the cube")
        cube = build(demo)
        path = demo.folder / "DATACUBE_FINAL.fits"
        demo.run("musewise", "get", cube["frame_id"], "-o", str(path))
        demo.say("5 The cube against the truth")
        check_cube(demo, path)
        check_offsets(demo)
        demo.say("6 Where it came from")
        demo.run("musewise", "tree", cube["frame_id"])
    memory.stop()
    show(demo, cube, url, memory, start)
