"""Structured logs with a correlation id.

One line per event: JSON for machines, colours for people. What the standard
library's loggers say (uvicorn, sqlalchemy) goes the same way.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO, cast

import structlog
from opentelemetry.trace import get_current_span
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

__all__ = [
    "bound",
    "configure",
    "correlation",
    "correlation_id",
    "get_logger",
    "service_name",
    "serving",
]

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_service: ContextVar[str | None] = ContextVar("service", default=None)


class _Process:
    """Which service this process is, where no block says it."""

    service: str | None = None


def service_name() -> str | None:
    """Give the service that is at work here."""
    return _service.get() or _Process.service


@contextmanager
def serving(service: str) -> Iterator[None]:
    """Let every log line inside the block, and of tasks begun in it, name a service."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)


def correlation_id() -> str | None:
    """Give the correlation id of the request or message being handled."""
    return _correlation_id.get()


@contextmanager
def correlation(value: str | None) -> Iterator[None]:
    """Let every log line and message inside the block carry this correlation id."""
    token = _correlation_id.set(value)
    try:
        yield
    finally:
        _correlation_id.reset(token)


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Let every log line inside the block carry these fields (task, attempt, …)."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def _add_correlation(
    _logger: WrappedLogger, _method: str, event: EventDict
) -> EventDict:
    if (value := _correlation_id.get()) is not None:
        event.setdefault("correlation_id", value)
    if (service := service_name()) is not None:
        event.setdefault("service", service)
    return event


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    span = get_current_span().get_span_context()
    if span.is_valid:
        event.setdefault("trace_id", f"{span.trace_id:032x}")
        event.setdefault("span_id", f"{span.span_id:016x}")
    return event


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _add_correlation,
        _add_trace,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def configure(
    level: str = "INFO",
    *,
    json: bool = True,
    stream: TextIO | None = None,
    service: str | None = None,
) -> None:
    """Set up logging for this process; may be called again.

    Parameters
    ----------
    level
        Lowest level that is written, e.g. ``"INFO"``.
    json
        One JSON object per line; else lines for people.
    stream
        Where to write; standard error by default.
    service
        Which service this process is; lines of `serving` blocks name their own.
    """
    _Process.service = service
    stream = sys.stderr if stream is None else stream
    shared = _shared_processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(shared, json=json, colors=stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def _formatter(
    shared: list[Processor], *, json: bool, colors: bool
) -> structlog.stdlib.ProcessorFormatter:
    renderer: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [structlog.dev.ConsoleRenderer(colors=colors)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderer,
        ],
    )


def get_logger(name: str) -> FilteringBoundLogger:
    """Give the logger of a module: ``log = get_logger(__name__)``."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))
