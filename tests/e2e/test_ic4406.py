"""143 real frames, known by their metadata only: the plan chooses as a person did."""

import os
from pathlib import Path

import pytest
import yaml

from tests.support.frames import ic4406_folder
from tests.support.live import LiveServer

pytestmark = pytest.mark.e2e

BY_HAND = Path(__file__).parents[1] / "data" / "ic4406_choices.yaml"
REAL = ic4406_folder()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    if REAL is None:
        assert "CI" not in os.environ, "in CI the shared data lie beside the checkout"
        pytest.skip(
            "the 143 real frames (../shared/data/ic4406) are not on this machine"
        )
    one = LiveServer(tmp_path_factory.mktemp("ic4406") / "data")
    one.start()
    yield one
    one.stop()


def test_the_choices_for_the_real_exposures_are_those_made_by_hand(server):
    done = server.run("register", str(REAL / "raw.csv"), str(REAL / "statics.csv"))
    assert done.returncode == 3  # three statics without a category are refused
    assert done.stdout.count("no_product_category") == 3
    frames = server.ask("ls", "OBJECT")
    assert len(frames) == 6
    asked = ("plan", "DATACUBE_FINAL", "--target", "IC4406", "--no-combine")
    plan = server.run(*asked, "--json", "--choices")
    assert plan.returncode == 1  # complete in its choices, but there are no bytes
    got = yaml.safe_load(plan.stdout)
    by_hand = yaml.safe_load(BY_HAND.read_text())["consumers"]
    wanted = {
        consumer: {
            category: entry["choice"]
            for category, entry in of["choices"].items()
            if entry["choice"] is not None
        }
        for consumer, of in by_hand.items()
    }
    assert got == wanted


def test_what_is_known_by_metadata_only_cannot_be_processed_and_says_so(server):
    asked = ("process", "MASTER_BIAS", "--night", "2017-06-15", "--yes")
    refused = server.run(*asked)
    assert refused.returncode != 0
    assert "metadata" in refused.stdout + refused.stderr
