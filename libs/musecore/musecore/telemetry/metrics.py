"""Prometheus metrics: one registry per process, families by name.

A family is declared once, where it is counted, with help and with its unit in the
name (``_seconds``, ``_bytes``, ``_total``). Several services in one process share the
registry; a label tells them apart.
"""

from collections import Counter as Counts
from collections.abc import Iterable, Sequence
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from typing_extensions import override

from musecore.log import get_logger

__all__ = [
    "BROKER_DEAD_LETTERS",
    "BROKER_HANDLING_SECONDS",
    "BROKER_MESSAGES",
    "DATABASE_POOLS",
    "HTTP_SECONDS",
    "OUTBOX_OLDEST_SECONDS",
    "OUTBOX_PUBLISHED",
    "OUTBOX_UNSENT",
    "REGISTRY",
    "Pool",
    "counter",
    "gauge",
    "histogram",
    "scrape",
]

log = get_logger(__name__)

REGISTRY = CollectorRegistry(auto_describe=True)
"""Of this process; not the library's own, which other software may fill."""

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)


def counter(name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
    """Declare what only grows; `name` ends in ``_total``."""
    return Counter(name, doc, labels, registry=REGISTRY)


def gauge(name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
    """Declare what goes up and down; the unit ends the name."""
    return Gauge(name, doc, labels, registry=REGISTRY)


def histogram(
    name: str, doc: str, labels: Sequence[str], buckets: Sequence[float]
) -> Histogram:
    """Declare a distribution; the unit ends the name."""
    return Histogram(name, doc, labels, registry=REGISTRY, buckets=buckets)


def scrape() -> tuple[bytes, str]:
    """Give what ``/metrics`` answers, and its content type. Asks nobody."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


HTTP_SECONDS = histogram(
    "musewise_http_request_duration_seconds",
    "Time until the last byte of the answer, by the template of the route",
    ("service", "method", "route", "status"),
    (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0),
)

BROKER_MESSAGES = counter(
    "musewise_broker_messages_total",
    "Deliveries by how they ended: done, retried, dead",
    ("queue", "outcome"),
)
BROKER_HANDLING_SECONDS = histogram(
    "musewise_broker_handling_duration_seconds",
    "Time that a handler took for one delivery",
    ("queue",),
    (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0),
)
BROKER_DEAD_LETTERS = gauge(
    "musewise_broker_dead_letters",
    "Messages that were given up and wait for a person",
    ("queue",),
)

OUTBOX_UNSENT = gauge(
    "musewise_outbox_unsent_messages",
    "Committed messages that the broker does not have yet",
    ("service",),
)
OUTBOX_OLDEST_SECONDS = gauge(
    "musewise_outbox_oldest_unsent_age_seconds",
    "Age of the oldest message that the broker does not have yet; 0: there is none",
    ("service",),
)
OUTBOX_PUBLISHED = counter(
    "musewise_outbox_published_total",
    "Messages that the relay handed to the broker, or failed to: sent, failed",
    ("service", "outcome"),
)


class Pool(Protocol):
    """What is known of a pool of connections."""

    def size(self) -> int:
        """Connections that are kept."""

    def checkedout(self) -> int:
        """Connections in use."""

    def checkedin(self) -> int:
        """Connections at rest."""


class _Pools(Collector):
    """Reads the pools of the databases that are open, at each scrape."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[str, Pool]] = {}

    def add(self, service: str, pool: Pool) -> None:
        self._open[id(pool)] = (service, pool)

    def remove(self, pool: Pool) -> None:
        self._open.pop(id(pool), None)

    @override
    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "musewise_database_connections",
            "Connections to the database by what they do: used, idle",
            labels=("service", "state"),
        )
        counts: Counts[tuple[str, str]] = Counts()
        for service, pool in list(self._open.values()):
            counts[service, "used"] += pool.checkedout()
            counts[service, "idle"] += pool.checkedin()
        for labels, count in counts.items():
            family.add_metric(labels, count)
        yield family


DATABASE_POOLS = _Pools()
REGISTRY.register(DATABASE_POOLS)
