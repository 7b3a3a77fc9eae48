"""The table of choices made by hand asks what the plan asks."""

from pathlib import Path

import yaml

from musecore.muse.schema import load

MODEL = load()


def choices_by_hand():
    path = Path(__file__).parents[1] / "data" / "ic4406_choices.yaml"
    return yaml.safe_load(path.read_text())["consumers"]


def test_the_table_by_hand_asks_what_the_steps_ask():
    for arcfile, entry in choices_by_hand().items():
        steps = [s for s in MODEL.plan.steps if entry["tag"] in s.consumer]
        if entry["tag"] == "ARC" and "WAVECAL_TABLE" not in entry["choices"]:
            steps = [s for s in steps if s.name == "wavecal"]
        asked = {
            i.category for s in steps for i in s.inputs if i.use != "on_request"
        } - {"VIGNETTING_MASK", "OFFSET_LIST"}
        assert set(entry["choices"]) == asked, arcfile


def test_the_table_by_hand_stays_inside_the_windows():
    for arcfile, entry in choices_by_hand().items():
        for category, choice in entry["choices"].items():
            if choice["choice"] is None:
                assert choice["missing"]
                continue
            rule = MODEL.rule(category)
            rule = MODEL.rule("MASTER_FLAT") if rule.category == "TRACE_TABLE" else rule
            sign = {"before": -1, "same": 0, "after": 1}[choice["side"]]
            offset = sign * choice["distance_days"]
            spans = [
                w.within_days
                for step in rule.levels
                if step.level == choice["level"]
                and entry["tag"] in (step.consumers or (entry["tag"],))
                for w in step.within
                if w.within_days
            ]
            fits = [low <= offset <= high for low, high in spans]
            assert any(fits) or not fits, (arcfile, category)
