"""Settings of the scheduler; read by ``main`` only."""

from __future__ import annotations

from typing import ClassVar

from musecore.settings import MusewiseSettings


class SchedulerSettings(MusewiseSettings):
    """How the scheduler behaves; times in seconds, memory and room in bytes.

    ``slots`` counts the recipe slots in each pool where the workers do not announce
    what they have; at most ``window`` times as many tasks are queued or running.
    ``Policy`` says what the other numbers mean.
    """

    table: ClassVar[str] = "scheduler"

    slots: int = 2
    window: float = 2.0
    lease_s: float = 90.0
    requeue_after_s: float = 120.0
    backoff_s: float = 5.0
    backoff_max_s: float = 300.0
    infrastructure_tries: int = 5
    ageing_s: float = 300.0
    ageing_most: int = 250
    prefer_s: float = 30.0
    beat_s: float = 10.0
    worker_gone_s: float = 60.0
    cordon_after: int = 3
    settle_batch: int = 50
    full_storage_wait_s: float = 60.0
    min_free_bytes: int = 20_000_000_000
    tick_s: float = 1.0
    space_every_s: float = 15.0

    pipeline_version: str | None = None
    """Version of the pipeline that the workers run; none: that of recipes.yaml."""

    cpl_version: str = ""
    image_digest: str = ""

    storage_url: str | None = None
    """Where the storage gateway is: it tells the room in the store. None: products are
    never dropped for room. Needs client_id and client_secret."""
