"""The 143 real frames of IC 4406: every choice equals the table made by hand."""

from pathlib import Path

import pytest
import yaml

from muse_scheduler.models import PlannedGraph, PlanRequest
from muse_scheduler.rules import choices_table, plan
from musecore.muse.schema import load
from tests.support.frames import VERSIONS, ic4406_folder, ic4406_frames

TABLE = Path(__file__).parents[1] / "data" / "ic4406_choices.yaml"
FOLDER = ic4406_folder()

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="shared/data/ic4406 is not beside this checkout"
)


@pytest.fixture(scope="module")
def graph() -> PlannedGraph:
    assert FOLDER is not None
    request = PlanRequest(product="DATACUBE_FINAL", target="IC4406")
    return plan(request, ic4406_frames(FOLDER), load(), VERSIONS)


def test_there_are_six_exposures_with_choices(graph):
    assert len({c.consumer for c in graph.choices if c.consumer_tag == "OBJECT"}) == 6


def test_every_choice_has_a_level_and_a_reason(graph):
    assert all(c.reason and c.level >= 0 for c in graph.choices)


def test_the_plan_is_not_runnable_since_only_metadata_are_here(graph):
    assert not graph.runnable
    assert any("known by their metadata only" in w for w in graph.not_runnable_because)


def expected() -> dict[str, dict[str, dict[str, object]]]:
    consumers = yaml.safe_load(TABLE.read_text())["consumers"]
    return {
        name: {k: v for k, v in entry["choices"].items() if v["choice"] is not None}
        for name, entry in consumers.items()
    }


def test_choices_equal_the_table_made_by_hand(graph):
    by_hand = {
        name: {category: entry["choice"] for category, entry in choices.items()}
        for name, choices in expected().items()
    }
    assert choices_table(graph) == by_hand


def test_levels_and_distances_equal_the_table_made_by_hand(graph):
    by_hand = expected()
    for choice in graph.choices:
        entry = by_hand[choice.consumer][choice.category]
        assert choice.distance_days is not None
        assert choice.level == entry["level"], choice
        assert abs(choice.distance_days) == pytest.approx(
            entry["distance_days"], abs=1.1e-5
        )


def test_what_is_missing_is_named(graph):
    assert {m.category for m in graph.missing} == {"EXTINCT_TABLE", "STD_FLUX_TABLE"}
    left_out = " ".join(graph.warnings)
    assert "FILTER_LIST" in left_out


def test_the_sky_flat_warns_of_another_bias(graph):
    assert any(
        w.startswith("SKYFLAT") and "MASTER_BIAS 2017-06-20T10:38:50" in w
        for w in graph.warnings
    )
