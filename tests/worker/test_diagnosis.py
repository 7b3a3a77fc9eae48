"""The class of a failure, from exit status, signal and log."""

from typing import Any

import pytest

from muse_worker.engine.diagnosis import Diagnosis, diagnose
from muse_worker.engine.log import parse_lines
from muse_worker.engine.process import Ended

LOG = "00:04:40 [ ERROR ] muse_bias_compute: [tid=000] No raw images loaded for IFU 7"


def diagnosis_of(
    log: str = "", free_bytes: int = 10**10, **changes: Any
) -> Diagnosis | None:
    how: dict[str, Any] = {
        "exit_code": None,
        "signal": None,
        "stopped_by": None,
        "wall_s": 8.0,
        "cpu_s": 7.0,
        "max_rss_mb": 865.0,
    }
    return diagnose(
        "muse_bias of IFU 7",
        Ended(**(how | changes)),
        parse_lines(log),
        memory_limit_mb=900,
        free_bytes=free_bytes,
    )


def test_exit_status_0_is_no_failure():
    assert diagnosis_of(exit_code=0) is None


def test_a_recipe_error_is_told_with_the_first_error_of_the_log():
    found = diagnosis_of(LOG, exit_code=255)
    assert found == Diagnosis(
        "recipe_error",
        "muse_bias of IFU 7 ended with exit status 255: No raw images loaded for IFU 7",
    )


@pytest.mark.parametrize(
    ("log", "changes", "expected"),
    [
        ("CxLib: failed to allocate 67371008 bytes", {"signal": 6}, "out_of_memory"),
        ("", {"signal": 9}, "out_of_memory"),
        ("", {"signal": 15}, "infrastructure"),
        ("", {"signal": 11}, "recipe_error"),
        ("", {"signal": 15, "stopped_by": "time_limit"}, "time_limit"),
        ("cannot write: No space left on device", {"exit_code": 1}, "storage_full"),
    ],
)
def test_each_way_to_fail_has_its_class(
    log: str, changes: dict[str, Any], expected: str
):
    found = diagnosis_of(log, **changes)
    assert found is not None
    assert found.failure_class == expected


def test_a_write_error_on_a_full_disk_is_a_full_disk():
    log = "00:04:40 [ ERROR ] x: Error writing data buffer to file"
    found = diagnosis_of(log, exit_code=255, free_bytes=1000)
    assert found is not None
    assert found.failure_class == "storage_full"
    assert "Make room" in found.detail
