"""Jobs: accepted plans and how far they are."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

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
    """What became of one night of a campaign, or would become of it.

    ``to_run`` counts the tasks that must run, by recipe, when nothing is stored yet;
    what is there already is used again. ``est_s`` is their time one after the other.
    """

    night: str
    job_id: UUID | None = None  # None: no job, ``why_not`` says why
    tasks: int
    new: bool
    why_not: tuple[str, ...] = ()
    to_run: dict[str, int] = Field(default_factory=dict)
    est_s: float = 0.0


class CampaignRequest(Model):
    """One request over many nights, without a night of its own: a job for each."""

    request: PlanRequest
    nights: Annotated[tuple[date, ...], Field(min_length=1, max_length=1000)]

    @field_validator("request")
    @classmethod
    def _night_by_night(cls, request: PlanRequest) -> PlanRequest:
        if request.night is not None:
            raise ValueError("The nights are named in nights, not in the request.")
        if request.combine:
            raise ValueError("A campaign does not combine exposures over nights.")
        return request.model_copy(update={"combine": False})

    @property
    def dates(self) -> list[str]:
        """The nights as ISO dates, in order and each once."""
        return sorted({night.isoformat() for night in self.nights})


class Campaign(CampaignRequest):
    """A campaign to be accepted.

    ``campaign_id`` is chosen by the caller. The same again goes on with the nights
    that have no job yet.
    """

    campaign_id: UUID
