"""Golden files are compared, and rewritten on demand only."""

from pathlib import Path

import pytest

from musecore.testing import assert_golden


def test_a_golden_file_is_compared_and_rewritten_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "golden" / "lamps.txt"
    with pytest.raises(AssertionError, match="--update"):
        assert_golden(path, "Ne\n", update=False)
    assert_golden(path, "Ne\n", update=True)
    assert_golden(path, "Ne\n", update=False)
    with pytest.raises(AssertionError, match="differs"):
        assert_golden(path, "Xe\n", update=False)
