"""What every use case needs: the database, the facts, the policy."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from muse_scheduler.models import Versions
from musecore.db import Database
from musecore.muse.schema import MuseModel


@dataclass(frozen=True)
class Space:
    """Room in a site's store, in bytes."""

    free: int
    total: int
    used: int


SpaceSource = Callable[[], Awaitable[Space]]


@dataclass(frozen=True)
class Policy:
    """Numbers that say how the scheduler behaves; times in seconds.

    Attributes
    ----------
    slots
        Recipe slots of the workers of each pool.
    window
        Queued and running tasks of a pool stay below ``window * slots``.
    infrastructure_tries
        Attempts lost to machines, not to recipes, before a task is FAILED.
    min_free_bytes
        Below this, rebuildable products are dropped.
    simulation
        Results of simulated runs count.
    """

    slots: int = 2
    window: float = 2.0
    lease_s: float = 90.0
    requeue_after_s: float = 120.0
    backoff_s: float = 5.0
    backoff_max_s: float = 300.0
    infrastructure_tries: int = 5
    out_of_memory_tries: int = 2
    time_limit_tries: int = 2
    full_storage_wait_s: float = 60.0
    min_free_bytes: int = 20_000_000_000
    tick_s: float = 1.0
    space_every_s: float = 15.0
    simulation: bool = False

    @property
    def lease(self) -> timedelta:
        """How long a claim holds without a heartbeat."""
        return timedelta(seconds=self.lease_s)

    @property
    def places(self) -> int:
        """How many tasks of a pool may be queued or running."""
        return max(1, int(self.window * self.slots))

    def backoff(self, tries: int) -> timedelta:
        """Give the wait after the n-th lost attempt: doubling, with jitter."""
        wait_s = min(self.backoff_max_s, self.backoff_s * 2 ** max(0, tries - 1))
        return timedelta(seconds=wait_s * random.uniform(0.8, 1.2))  # noqa: S311


@dataclass(frozen=True)
class Context:
    """The service's world, made once by ``main``."""

    database: Database
    model: MuseModel
    versions: Versions
    policy: Policy = field(default_factory=Policy)
    space: SpaceSource | None = None

    def rebuildable(self) -> list[str]:
        """Give the product tags whose bytes may be dropped (frames.yaml)."""
        return [c.tag for c in self.model.frames.classes if c.rebuildable]
