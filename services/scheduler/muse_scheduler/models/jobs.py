"""Jobs: accepted plans and how far they are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from muse_scheduler.models.frames import Key, Model
from muse_scheduler.models.plans import PlanRequest


class JobState(StrEnum):
    """Life of a job."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    CANCELLED = "CANCELLED"


class RecipeProgress(Model):
    """Where the tasks of one recipe are; ``ifus`` maps IFU ("1".."24") to state."""

    total: int
    done: int
    reused: int
    running: int
    failed: int
    blocked: int
    waiting: int
    ifus: dict[str, str]


class JobProduct(Model):
    """A finished product of a job."""

    tag: str
    frame_id: UUID
    file_id: UUID
    filename: str
    sha256: Key


class Job(Model):
    """An accepted plan and how far it is."""

    job_id: UUID
    state: JobState
    request: PlanRequest
    created: datetime
    progress: dict[str, RecipeProgress]
    tasks_total: int
    done: int
    eta_s: float | None
    products: tuple[JobProduct, ...]
    messages: tuple[str, ...]


class CampaignNight(Model):
    """What became of one night of a campaign."""

    night: str
    job_id: UUID | None = None  # None: no job, ``why_not`` says why
    tasks: int
    new: bool
    why_not: tuple[str, ...] = ()
