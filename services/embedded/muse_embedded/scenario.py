"""The ways to run the demo, read from ``scenarios.yaml``."""

import re
import shutil
from importlib.resources import files
from pathlib import Path

import psutil
import yaml
from pydantic import BaseModel, ConfigDict

from musecore.errors import MuseError

__all__ = ["DemoImpossible", "Scenario", "check_room", "choose"]

GB = 1e9
ALL_IFUS = range(1, 25)


class DemoImpossible(MuseError):
    """The machine lacks what the demo needs, or one of its steps failed."""

    code = "demo_impossible"
    status = 500
    title = "The demo cannot go on"


class Scenario(BaseModel):
    """One way to run the demo.

    ``disk_gb`` and ``memory_gb`` are what it needs at its peak, ``minutes`` about
    how long it takes on two cores, ``strict`` whether a missed goal fails it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    doc: str
    ifus: list[int]
    chain: str
    parameters: dict[str, str | float]
    disk_gb: float
    memory_gb: float
    minutes: float
    strict: bool


def _read() -> dict[str, Scenario]:
    text = files("muse_embedded").joinpath("scenarios.yaml").read_text()
    entries = yaml.safe_load(text)["scenarios"]
    return {name: Scenario(name=name, **entry) for name, entry in entries.items()}


def _parse_ifus(text: str) -> list[int]:
    ifus: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if match is None:
            msg = f"'{text}' is no list of IFUs"
            raise DemoImpossible(msg, hint="Write for example 12, 1,2,3 or 1-24.")
        first = int(match[1])
        ifus.update(range(first, int(match[2] or first) + 1))
    if not ifus <= set(ALL_IFUS):
        msg = f"'{text}' names IFUs that MUSE does not have"
        raise DemoImpossible(msg, hint="IFUs are numbered 1 to 24.")
    return sorted(ifus)


def choose(ifus: str | None) -> Scenario:
    """Choose the scenario that fits a list of IFUs (``12``, ``1,2,3``, ``1-24``).

    IFUs 1, 2, 3 run the full cascade (the twilight needs IFU 1, a standard star
    three adjacent ones), all 24 the full field, anything else the short chain.

    Raises
    ------
    DemoImpossible
        The text is no list of IFUs 1..24.
    """
    known = _read()
    if ifus is None:
        return known["one-ifu"]
    wanted = _parse_ifus(ifus)
    for scenario in known.values():
        if scenario.ifus == wanted:
            return scenario
    short = known["field"] if len(wanted) > 1 else known["one-ifu"]
    share = len(wanted) / len(short.ifus)
    return short.model_copy(
        update={
            "name": "ifus-" + "-".join(map(str, wanted)),
            "ifus": wanted,
            "disk_gb": short.disk_gb * share + 2,
            "minutes": short.minutes * share + 1,
        }
    )


def check_room(scenario: Scenario, folder: Path) -> str:
    """Say what the demo needs and what there is.

    Raises
    ------
    DemoImpossible
        Disk or memory do not suffice.
    """
    used = sum(f.stat().st_blocks * 512 for f in folder.rglob("*") if f.is_file())
    free_disk = shutil.disk_usage(folder).free / GB
    free_memory = psutil.virtual_memory().available / GB
    need_disk = max(0.5, scenario.disk_gb - used / GB)
    if free_disk < need_disk:
        msg = f"the demo needs {need_disk:.0f} GB of disk in {folder}; {free_disk:.1f} GB are free"
        raise DemoImpossible(
            msg, hint="Free some, or name a folder: make demo DEMO=/big/disk"
        )
    if free_memory < scenario.memory_gb:
        msg = (
            f"the demo needs {scenario.memory_gb:.0f} GB of memory;"
            f" {free_memory:.1f} GB are available"
        )
        raise DemoImpossible(
            msg, hint="Close other programs, or run fewer IFUs: make demo"
        )
    return (
        f"needs {need_disk:.1f} GB of disk ({free_disk:.0f} free) and"
        f" {scenario.memory_gb:.0f} GB of memory ({free_memory:.0f} available);"
        f" about {scenario.minutes:.0f} min on two cores"
    )
