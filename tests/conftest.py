"""What all tests share: a private PostgreSQL, golden files (``musecore.testing``)."""

from pathlib import Path

import pytest

# Asserts of helpers say what they saw, as those of tests do.
_FOLDERS = (one.name for one in Path(__file__).parent.iterdir() if one.is_dir())
pytest.register_assert_rewrite(*(f"tests.{name}" for name in _FOLDERS))

pytest_plugins = ["musecore.testing.fixtures"]
