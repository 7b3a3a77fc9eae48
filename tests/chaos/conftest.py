"""Quiet: what the tests themselves say to the broker is no news."""

import logging

import pytest

from musecore.log import configure


@pytest.fixture(autouse=True, scope="session")
def quiet():
    """Log next to nothing, in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("CRITICAL")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
