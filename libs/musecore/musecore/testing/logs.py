"""Logging as it was, after a test that changed it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

__all__ = ["logging_restored"]


@contextmanager
def logging_restored() -> Iterator[None]:
    """Put back what `musecore.log.configure` changes for the whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    was_configured, before = structlog.is_configured(), structlog.get_config()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        if was_configured:
            structlog.configure(**before)
