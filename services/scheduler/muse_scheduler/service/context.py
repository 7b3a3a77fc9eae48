"""What every use case needs: the database, the facts, the policy."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from muse_scheduler.models import Versions
from muse_scheduler.providers import Post
from muse_scheduler.rules import Addresses
from musecore.db import Database
from musecore.muse.pools import Pools, load_pools
from musecore.muse.schema import MuseModel


@dataclass(frozen=True)
class Space:
    """Room in a site's store, in bytes."""

    free: int
    total: int
    used: int


SpaceSource = Callable[[], Awaitable[Space | None]]


@dataclass(frozen=True)
class Policy:
    """Numbers that say how the scheduler behaves; times in seconds.

    Attributes
    ----------
    slots
        Recipe slots in each pool, where the workers do not say what they have.
    window
        Queued and running tasks of a pool stay below ``window * slots``.
    infrastructure_tries
        Attempts lost to machines, not to recipes, before a task is FAILED.
    min_free_bytes
        Below this, rebuildable products are dropped.
    simulation
        Results of simulated runs count.
    trial_days
        So long the products of a trial are kept.
    ageing_s, ageing_most
        What an owner has ready gains a point of priority for every such time without
        a turn, and so many points at most.
    prefer_s
        So long a task waits for the worker that holds its inputs; 0: not at all.
    worker_gone_s
        A worker that is silent for so long is GONE.
    cordon_after
        Different tasks in a row that a worker may fail, less one.
    settle_batch
        Results that are settled in one transaction, at most.
    notify_every_s
        Pause between two looks for jobs of which there is something to tell.
    notify_tries, notify_backoff_s, notify_backoff_max_s
        How often a notice is sent that does not arrive, and the growing wait between.
    """

    slots: int = 2
    window: float = 2.0
    lease_s: float = 90.0
    requeue_after_s: float = 120.0
    backoff_s: float = 5.0
    backoff_max_s: float = 300.0
    infrastructure_tries: int = 5
    time_limit_tries: int = 2
    ageing_s: float = 300.0
    ageing_most: int = 250
    prefer_s: float = 30.0
    beat_s: float = 10.0
    worker_gone_s: float = 60.0
    cordon_after: int = 3
    settle_batch: int = 50
    full_storage_wait_s: float = 60.0
    min_free_bytes: int = 20_000_000_000
    trial_days: float = 7.0
    tick_s: float = 1.0
    space_every_s: float = 15.0
    notify_every_s: float = 10.0
    notify_tries: int = 12
    notify_backoff_s: float = 30.0
    notify_backoff_max_s: float = 3600.0
    simulation: bool = False

    @property
    def lease(self) -> timedelta:
        """How long a claim holds without a heartbeat."""
        return timedelta(seconds=self.lease_s)

    def places(self, slots: int) -> int:
        """How many tasks of a pool with so many slots may be queued or running."""
        return 0 if slots <= 0 else max(1, int(self.window * slots))

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
    addresses: Addresses = field(default_factory=Addresses)
    post: Post = field(default_factory=Post)
    pools: Pools = field(default_factory=load_pools)

    def rebuildable(self) -> list[str]:
        """Give the product tags whose bytes may be dropped (frames.yaml)."""
        return [c.tag for c in self.model.frames.classes if c.rebuildable]
