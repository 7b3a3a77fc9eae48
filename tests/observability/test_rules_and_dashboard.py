"""What is shown and what alarms exists in the code, and alarms when it should."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import muse_scheduler.service.measuring
import muse_storage.service.measuring
import muse_worker.service.measuring
from musecore.telemetry import REGISTRY

HERE = Path(__file__).parents[2] / "deploy" / "observability"
NAME = re.compile(r"\bmusewise_[a-z_]+")
SERVICES = (
    muse_scheduler.service.measuring,
    muse_storage.service.measuring,
    muse_worker.service.measuring,
)


def known() -> set[str]:
    """Give the names of all series that this code can give."""
    names: set[str] = set()
    for family in REGISTRY.collect():
        ends = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
        }.get(family.type, ("",))
        names |= {family.name + end for end in ends}
    return names


def test_the_dashboard_shows_only_what_exists_and_all_of_ours():
    assert SERVICES
    board = json.loads((HERE / "dashboard.json").read_text())
    text = " ".join(t["expr"] for panel in board["panels"] for t in panel["targets"])
    used = set(NAME.findall(text))
    assert used - known() == set()
    families = {
        family.name for family in REGISTRY.collect() if family.name.startswith("muse")
    }
    shown = {name for name in families if any(one.startswith(name) for one in used)}
    assert families - shown == set()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_the_alert_rules_name_only_what_exists_and_say_what_to_do():
    rules = yaml.safe_load((HERE / "alerts.yaml").read_text())["groups"][0]["rules"]
    for rule in rules:
        assert set(NAME.findall(rule["expr"])) <= known(), rule["alert"]
        assert len(rule["annotations"]["runbook"]) > 80
        assert rule["labels"]["severity"] in ("critical", "warning")


@pytest.mark.real
@pytest.mark.parametrize(
    "command",
    [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")],
)
def test_the_alert_rules_alarm_when_they_should(command):
    done = subprocess.run(
        ["promtool", *command], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
