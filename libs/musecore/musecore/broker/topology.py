"""Which queues the fleet has: what topology.yaml says, for those who declare and look."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from musecore.broker.contract import Topology, matches
from musecore.messages import MESSAGES
from musecore.muse.facts import Entry, Fact, Items
from musecore.muse.pools import load_pools

__all__ = ["FleetQueue", "FleetQueues", "fleet_queues", "fleet_topology", "queue_of"]

_FILE = Path(__file__).parent / "topology.yaml"
_EACH = re.compile(r"\{(pool|worker)\}")

Service = Literal["catalog", "scheduler", "storage-gateway", "worker"]


class FleetQueue(Entry):
    """A queue, or (with ``{pool}`` or ``{worker}`` in its name) one for each of these.

    Attributes
    ----------
    hears
        Patterns of routing keys that it is bound to.
    served_by
        The service that listens to it.
    fleeting
        It vanishes some minutes after its last listener, and keeps no dead letters.
    if_dropped
        What it means when one of its messages is thrown away.
    """

    name: Annotated[str, Field(pattern=r"^[a-z.{}]+$")]
    hears: Annotated[Items, Field(min_length=1)]
    served_by: Service
    fleeting: bool = False
    if_dropped: Annotated[str, Field(min_length=3)]

    @property
    def one_for_each(self) -> str | None:
        """What there is one queue for each of: ``pool``, ``worker`` or None."""
        found = _EACH.search(self.name)
        return found.group(1) if found else None

    def of(self, **names: str) -> Self:
        """Give the queue of one pool or worker: ``queue.of(pool="small")``."""

        def filled(text: str) -> str:
            return _EACH.sub(lambda found: names[found.group(1)], text)

        hears = tuple(map(filled, self.hears))
        return self.model_copy(update={"name": filled(self.name), "hears": hears})


class FleetQueues(Fact):
    """topology.yaml: all queues, and messages that nobody need hear."""

    version: int
    doc: str
    queues: Annotated[tuple[FleetQueue, ...], Field(min_length=1)]
    unheard: Items

    @model_validator(mode="after")
    def _fit(self) -> Self:
        names = [queue.name for queue in self.queues]
        if len(set(names)) < len(names):
            raise ValueError("A queue is described twice.")
        for pattern in [key for queue in self.queues for key in queue.hears]:
            name = ".".join(pattern.split(".")[:3])
            if name not in MESSAGES:
                raise ValueError(f"{pattern!r} begins with the name of no message.")
        for name in self.unheard:
            if name not in MESSAGES or self.hearing(name):
                raise ValueError(f"{name!r} is no message, or is heard after all.")
        return self

    def queue(self, name: str, **of: str) -> FleetQueue:
        """Give a queue by the name that topology.yaml has for it.

        Raises
        ------
        KeyError
            There is none.
        """
        for queue in self.queues:
            if queue.name == name:
                return queue.of(**of)
        raise KeyError(f"topology.yaml has no queue {name!r}.")

    def named(self, name: str) -> FleetQueue | None:
        """Give the queue that has this name in a fleet; None: it can have none such."""
        pools = "|".join(load_pools().names)
        for queue in self.queues:
            pattern = re.escape(queue.name).replace(r"\{pool\}", f"(?P<pool>{pools})")
            pattern = pattern.replace(r"\{worker\}", r"(?P<worker>[\w.-]+)")
            if found := re.fullmatch(pattern, name):
                return queue.of(**found.groupdict())
        return None

    def hearing(self, message: str) -> tuple[FleetQueue, ...]:
        """Give the queues that hear a message, for whatever pool or worker."""
        return tuple(
            queue
            for queue in self.queues
            if any(
                matches(key, message) or key.startswith(f"{message}.")
                for key in queue.hears
            )
        )

    def of_fleet(
        self, *, pools: Iterable[str], workers: Iterable[str] = ()
    ) -> tuple[FleetQueue, ...]:
        """Give the queues of a fleet with these pools and workers."""
        each = {"pool": list(pools), "worker": list(workers)}
        return tuple(
            queue.of(**{queue.one_for_each: name}) if queue.one_for_each else queue
            for queue in self.queues
            for name in (each[queue.one_for_each] if queue.one_for_each else [""])
        )


@cache
def fleet_queues(path: Path = _FILE) -> FleetQueues:
    """Read the description of the queues, from here or from another file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return FleetQueues.model_validate({**content, "queues": tuple(content["queues"])})


def queue_of(name: str, **of: str) -> FleetQueue:
    """Give one of our queues: ``queue_of("worker.{pool}", pool="small")``.

    Raises
    ------
    KeyError
        topology.yaml has no queue of this name.
    """
    return fleet_queues().queue(name, **of)


def fleet_topology() -> Topology:
    """Give the queues that exist whoever works: all but those of single workers.

    What is said before a service has ever been started waits for it in its queue.
    """
    described = fleet_queues()
    queues = described.of_fleet(pools=load_pools().names)
    return Topology(
        queues={queue.name: queue.hears for queue in queues},
        unheard=described.unheard,
        fleeting=[queue.name for queue in queues if queue.fleeting],
    )
