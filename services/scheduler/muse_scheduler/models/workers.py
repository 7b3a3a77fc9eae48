"""Workers, sites and pools as the scheduler sees them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from muse_scheduler.models.frames import Model

Name = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=200)]


class WorkerState(StrEnum):
    """What a worker may do.

    ``PAUSED``, ``DRAINING`` (runs out, then leaves) and ``CORDONED`` (set aside for
    its failures) get no new tasks; ``GONE`` was not heard of for a while.
    """

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DRAINING = "DRAINING"
    CORDONED = "CORDONED"
    GONE = "GONE"


class Announcement(Model):
    """What a worker says of itself, at its start and with every beat.

    ``pools`` empty: all that its memory allows. ``own_queue``: it listens to
    ``task.requested.v1.at.<name>``. ``starting``: its first beat since its start;
    ``stopping``: its last one, it takes nothing more. ``trouble``: why it should get
    nothing now, such as a full disk.
    """

    site: Name = "local"
    pools: tuple[str, ...] = ()
    cores: Annotated[int, Field(ge=1)]
    memory_mb: Annotated[int, Field(ge=1)]
    running: Annotated[int, Field(ge=0)] = 0
    own_queue: bool = False
    starting: bool = False
    stopping: bool = False
    trouble: str = ""


class WorkerOrders(Model):
    """What a worker is told: its state, why, and when to say that it lives."""

    state: WorkerState
    reason: str
    beat_s: float


class Worker(Model):
    """A worker; ``pools`` maps each pool it serves to its slots there."""

    name: str
    site: str
    pools: dict[str, int]
    cores: int | None  # None: it never announced itself
    memory_mb: int | None
    own_queue: bool
    state: WorkerState
    reason: str
    since: datetime
    seen_at: datetime
    running: tuple[UUID, ...]


class WorkerEvent(Model):
    """One change of a worker's state: who, why, when."""

    name: str
    at: datetime
    from_state: WorkerState | None
    to_state: WorkerState
    who: str
    why: str


class Gate(Model):
    """A site or a pool that is paused."""

    kind: str
    name: str
    reason: str
    who: str
    since: datetime


class PoolShown(Model):
    """A pool: who serves it, what waits there and what runs.

    ``places`` is how many tasks may be queued or running at a time.
    """

    name: str
    memory_mb: int
    workers: int
    slots: int
    places: int
    ready: int
    queued: int
    running: int
    paused: str | None  # the reason


class ShareWish(Model):
    """How much of the fleet a person gets, in relation to others (1 each)."""

    weight: Annotated[float, Field(gt=0, le=1000)]


class Reason(Model):
    """Why an operator does something."""

    reason: Annotated[str, Field(max_length=500)] = ""
