"""A simulated night of one IFU, and what was made of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.support.live import LiveServer

CUBE = ("DATACUBE_FINAL", "--target", "SIMFIELD", "-p", "scipost.rvcorr=none")
CHAIN = ["muse_bias", "muse_flat", "muse_wavecal", "muse_scibasic", "muse_scipost"]


class Night:
    """An embedded server, the raw files, and the job that made the cube.

    Attributes
    ----------
    products
        What this job made: content keys by class and IFU.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "night"
        self.server = LiveServer(folder / "data")
        self.job: dict[str, object] = {}
        self.products: dict[str, list[str]] = {}

    def simulate(self) -> None:
        """Make the raw files."""
        simulate_night(NightSpec(ifus=(12,), chain="quick"), self.files, None, jobs=2)

    def tasks(self) -> dict[str, dict[str, object]]:
        """Tasks of the job by recipe."""
        found = self.server.ask("job", str(self.job["job_id"]), "--tasks")
        return {task["recipe"]: task for task in found}

    def cube(self) -> dict[str, object]:
        """The first cube that was made."""
        found = self.server.ask("ls", "DATACUBE_FINAL")
        return min(found, key=lambda frame: str(frame["created_at"]))


def contents(frames: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Give the content keys of frames, by class and IFU."""
    found: dict[str, list[str]] = {}
    for frame in frames:
        name = f"{frame['tag']} of IFU {frame['ifu']}"
        found.setdefault(name, []).append(str(frame["content_key"]))
    return {name: sorted(keys) for name, keys in found.items()}
