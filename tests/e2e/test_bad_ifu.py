"""One IFU's flat is unusable: the others go on, it is mended, or left out."""

import json
import shutil
from pathlib import Path

import pytest
from astropy.io import fits

from musesim.night import simulate_night
from musesim.plan import Fault, NightSpec
from tests.support.live import LiveServer

pytestmark = pytest.mark.e2e

BAD, GOOD = 12, 13
CUBE = [
    *("DATACUBE_FINAL", "--target", "SIMFIELD", "-p", "scipost.rvcorr=none"),
    *("-p", "scipost.lambdamin=6900", "-p", "scipost.lambdamax=7000"),
]


class BadNight:
    """Two IFUs; the flats of one have no light."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = LiveServer(folder / "data")
        self.job = ""

    def put(self, files: Path) -> None:
        done = self.server.run("put", str(files))
        assert done.returncode == 0, done.stdout + done.stderr

    def tasks(self) -> dict[tuple[str, int | None], str]:
        found = self.server.ask("job", self.job, "--tasks")
        return {(task["recipe"], task["ifu"]): task["state"] for task in found}

    def rest(self) -> str:
        """Wait until nothing of the job runs any more; give its state."""

        def state() -> str | None:
            found = str(self.server.ask("job", self.job)["state"])
            return None if found in {"PLANNED", "RUNNING"} else found

        return str(self.server.wait_for(state, "the job to rest", 600))


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    one = BadNight(tmp_path_factory.mktemp("bad"))
    spec = NightSpec(
        ifus=(BAD, GOOD), chain="quick", faults=(Fault.parse(f"bad-flat:{BAD}"),)
    )
    simulate_night(spec, one.folder / "bad", jobs=2)
    one.server.start()
    one.put(one.folder / "bad")
    one.job = one.server.ask("process", *CUBE, "--yes", "--no-wait")["job_id"]
    one.rest()
    yield one
    one.server.stop()
    shutil.rmtree(one.folder, ignore_errors=True)


def test_the_other_ifu_goes_on_and_what_needs_the_bad_one_is_blocked(night):
    tasks = night.tasks()
    assert tasks["muse_flat", BAD] == "FAILED"
    assert tasks["muse_flat", GOOD] == "DONE"
    assert tasks["muse_scibasic", GOOD] == "DONE"
    assert tasks["muse_wavecal", BAD] == "BLOCKED"
    assert tasks["muse_scibasic", BAD] == "BLOCKED"
    assert tasks["muse_scipost", None] == "BLOCKED"


def test_the_failed_task_is_shown_with_the_telling_lines_of_its_log(night):
    said = night.server.run("job", night.job).stdout
    assert "flat" in said
    assert "ERROR" in said or "muse_trace" in said or "muse_flat" in said
    assert "--retry" in said


def test_with_at_least_one_ifu_the_cube_is_made_and_says_what_is_missing(night):
    done = night.server.run("job", night.job, "--at-least", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert night.rest() == "DONE"
    (cube,) = night.server.ask("ls", "DATACUBE_FINAL")
    path = night.folder / "partial.fits"
    night.server.run("get", cube["frame_id"], "-o", str(path))
    header = fits.getheader(path)
    cards = [str(card.value) for card in header.cards if "MUSEWISE" in card.keyword]
    assert any(f"IFU {BAD}" in card for card in cards), cards
    assert "PARTIAL_FAN_IN" in cube["quality_flags"]
    assert f"IFU {BAD}" in night.server.run("why", cube["frame_id"]).stdout


def test_retrying_after_a_better_flat_was_put_makes_the_whole_cube(night):
    for frame in night.server.ask("ls", "FLAT", "--ifu", str(BAD)):
        flag = ["--valid", "no", "--reason", "no light"]
        done = night.server.run("flag", frame["frame_id"], *flag)
        assert done.returncode == 0, done.stdout + done.stderr
    # taken before the bad one: farther from all that uses it, so the good IFU keeps its own
    spec = NightSpec(
        ifus=(BAD, GOOD), chain="quick", types=("FLAT",), offset_minutes=-5.0
    )
    simulate_night(spec, night.folder / "good", jobs=2)
    night.put(night.folder / "good" / "raw")
    attempts = night.server.ask("job", night.job, "--attempts")
    before = {a["recipe"] for a in attempts if a["ifu"] == GOOD}
    done = night.server.run("job", night.job, "--retry")
    assert done.returncode == 0, done.stdout + done.stderr
    assert night.rest() == "DONE", json.dumps(night.server.ask("job", night.job))
    after = night.server.ask("job", night.job, "--attempts")
    again = [a for a in after if a["ifu"] == GOOD and a["recipe"] in before]
    assert len(again) == len(before)
    newest = max(
        night.server.ask("ls", "DATACUBE_FINAL"), key=lambda c: c["created_at"]
    )
    assert "PARTIAL_FAN_IN" not in newest["quality_flags"]
