"""Quiet: what the tests themselves say to the broker is no news."""

import pytest

from musecore.log import configure
from musecore.testing.logs import logging_restored


@pytest.fixture(autouse=True, scope="session")
def quiet():
    """Log next to nothing, in this process."""
    with logging_restored():
        configure("CRITICAL")
        yield
