"""Quiet: what the tests themselves say to the broker is no news."""

import logging

import pytest

from musecore.log import configure


@pytest.fixture(autouse=True, scope="session")
def quiet():
    """Log errors only, in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("ERROR")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
