"""Rows as the scheduler works with them: frozen, one model for each table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from muse_scheduler.models import (
    Model,
    Outline,
    PlannedTask,
    PlanRequest,
    Task,
    TaskState,
)


class KeptTask(Model):
    """A row of ``task``; what it runs is in its unit (`UnitStore.planned`).

    Tasks of schema revision 0001 have no unit and hold it themselves.
    """

    task_id: UUID
    key: str
    project: str
    owner: str
    recipe: str
    ifu: int | None
    group_label: str
    state: TaskState
    n_wait: int
    attempt: int
    budget_from: int
    pool: str
    priority: int
    threads: int
    memory_mb: int
    timeout_s: int
    est_s: float
    planned: PlannedTask | None
    unit_id: UUID | None
    outputs: tuple[str, ...]
    caveats: tuple[str, ...]
    versions: dict[str, str]
    realised_key: str | None
    made_by: UUID | None
    reason: str
    worker: str | None
    lease_until: datetime | None
    not_before: datetime | None
    started: datetime | None
    ended: datetime | None

    @property
    def source_id(self) -> UUID:
        """Id of the task whose products stand for this one's."""
        return self.made_by or self.task_id

    @property
    def spoken(self) -> str:
        """Name for people: ``muse_flat of IFU 3 (2026-03-01T21:00:00)``."""
        ifu = "" if self.ifu is None else f" of IFU {self.ifu}"
        return f"{self.recipe}{ifu} ({self.group_label})"

    def shown(self, parameters: dict[str, Any], set_parameters: dict[str, Any]) -> Task:
        """Give the task as the API shows it."""
        return Task(
            task_id=self.task_id,
            key=self.key,
            realised_key=self.realised_key,
            recipe=self.recipe,
            ifu=self.ifu,
            group=self.group_label,
            state=self.state,
            attempt=self.attempt,
            n_wait=self.n_wait,
            reason=self.reason,
            parameters=parameters,
            set_parameters=set_parameters,
            caveats=self.caveats,
            est_s=self.est_s,
            memory_mb=self.memory_mb,
            threads=self.threads,
            worker=self.worker,
            started=self.started,
            ended=self.ended,
            lease_until=self.lease_until,
            project=self.project,
            owner=self.owner,
        )


class KeptFile(Model):
    """Bytes of a file: what they are and where; ``object_key`` None: nowhere."""

    file_id: UUID
    filename: str
    object_key: str | None
    sha256: str
    content_key: str
    size: int  # bytes


class Parent(Model):
    """One edge of the graph: a child, and the task whose products it reads."""

    child: UUID
    parent: UUID
    key: str
    source: UUID  # the parent, or the task whose products stand for its own


class KeptProduct(Model):
    """A row of ``product``; ``state`` VALID, STALE, SUPERSEDED, BAD or EVICTED."""

    product_id: UUID
    task_id: UUID
    attempt: int
    file_id: UUID
    tag: str
    ordinal: int
    ifu: int | None
    filename: str
    object_key: str
    sha256: str
    content_key: str
    size: int
    state: str
    reason: str
    created: datetime


class KeptPlan(Model):
    """A row of ``plan``: a preview and the graph it showed."""

    plan_id: UUID
    owner: str
    project: str
    request: PlanRequest
    outline: Outline


class KeptJob(Model):
    """A row of ``job``; ``projects`` are those its plan may see (None: all)."""

    job_id: UUID
    owner: str
    project: str
    projects: tuple[str, ...] | None
    request: PlanRequest
    at_least: int | None
    created: datetime
    cancelled_at: datetime | None
    priority: int


class KeptGraph(Model):
    """What a version of a job's plan holds: keys of tasks, and their IFUs."""

    keys: frozenset[str]
    ifus: tuple[int, ...]


class TaskShare(Model):
    """One task as a job sees it: enough for progress, without the plan inside."""

    task_id: UUID
    recipe: str
    ifu: int | None
    state: TaskState
    est_s: float
    critical_s: float
    targets: tuple[str, ...]
    reused: bool
    started: datetime | None


class RecipeCost(Model):
    """What past attempts of a recipe took (medians): seconds and MB."""

    recipe: str
    wall_s: float
    max_rss_mb: float | None
    runs: int
