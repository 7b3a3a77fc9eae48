"""Tasks: their states, attempts and claims."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from muse_scheduler.models.frames import Key, Model


class TaskState(StrEnum):
    """Life of a task (scheduler.md 2)."""

    PLANNED = "PLANNED"
    WAITING = "WAITING"
    READY = "READY"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    CANCELLED = "CANCELLED"


_S = TaskState
TRANSITIONS: frozenset[tuple[TaskState, TaskState]] = frozenset(
    {
        (_S.PLANNED, _S.WAITING),
        (_S.PLANNED, _S.READY),
        (_S.PLANNED, _S.DONE),
        (_S.PLANNED, _S.BLOCKED),
        (_S.WAITING, _S.READY),
        (_S.WAITING, _S.DONE),  # reused: its realised key has a product
        (_S.WAITING, _S.BLOCKED),
        (_S.BLOCKED, _S.WAITING),  # the failed ancestor is retried
        (_S.BLOCKED, _S.READY),
        (_S.READY, _S.QUEUED),
        (_S.READY, _S.RUNNING),  # the message overtook the relay's commit
        (_S.READY, _S.DONE),
        (_S.READY, _S.FAILED),
        (_S.READY, _S.WAITING),  # an input was evicted and is made again
        (_S.QUEUED, _S.READY),
        (_S.QUEUED, _S.RUNNING),
        (_S.QUEUED, _S.DONE),
        (_S.QUEUED, _S.FAILED),
        (_S.QUEUED, _S.WAITING),
        (_S.RUNNING, _S.READY),  # lost lease, infrastructure: attempt + 1
        (_S.RUNNING, _S.DONE),
        (_S.RUNNING, _S.FAILED),
        (_S.FAILED, _S.READY),  # retried by a person
        (_S.FAILED, _S.WAITING),
        (_S.FAILED, _S.DONE),  # a late answer of an old attempt
        (_S.DONE, _S.WAITING),  # its bytes were evicted and are wanted again
        (_S.DONE, _S.READY),
        (_S.CANCELLED, _S.READY),
        (_S.CANCELLED, _S.WAITING),
        (_S.CANCELLED, _S.DONE),
        (_S.PLANNED, _S.CANCELLED),
        (_S.WAITING, _S.CANCELLED),
        (_S.READY, _S.CANCELLED),
        (_S.QUEUED, _S.CANCELLED),
        (_S.RUNNING, _S.CANCELLED),
        (_S.BLOCKED, _S.CANCELLED),
        (_S.FAILED, _S.CANCELLED),
    }
)
FINAL_STATES = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED})


def may_become(old: TaskState, new: TaskState) -> bool:
    """Whether the state machine allows the change."""
    return (old, new) in TRANSITIONS


class Task(Model):
    """A task as it is kept and shown."""

    task_id: UUID
    key: Key
    realised_key: Key | None
    recipe: str
    ifu: int | None
    group: str
    state: TaskState
    attempt: int
    n_wait: int
    reason: str
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    caveats: tuple[str, ...]
    est_s: float
    memory_mb: int
    threads: int
    worker: str | None
    started: datetime | None
    ended: datetime | None
    lease_until: datetime | None
    project: str
    owner: str


class TaskEvent(Model):
    """One change of a task's state: who, why, when."""

    task_id: UUID
    at: datetime
    from_state: TaskState | None
    to_state: TaskState
    attempt: int
    who: str
    why: str


class Attempt(Model):
    """One try of a task by one worker. ``wall_s``, ``cpu_s`` in seconds."""

    task_id: UUID
    attempt: int
    worker: str
    pid: int | None
    started: datetime
    ended: datetime | None
    outcome: str | None  # finished, or the failure class; None while it runs
    detail: str
    telling_lines: tuple[str, ...]
    exit_code: int | None
    signal: int | None
    log_file_id: UUID | None
    wall_s: float | None
    cpu_s: float | None
    max_rss_mb: float | None
    bytes_in: int | None
    bytes_out: int | None


class ClaimedInput(Model):
    """One line of the set of frames, with where its bytes are."""

    tag: str
    file_id: UUID
    object_key: str
    filename: str
    sha256: Key
    content_key: Key
    size: int
    ifu: int | None


class ClaimedOutput(Model):
    """A product that the recipe must (``min`` >= 1) or may write."""

    tag: str
    min: int
    per_ifu: bool


class ClaimedTask(Model):
    """Everything a worker needs to run one attempt."""

    task_id: UUID
    attempt: int
    key: Key
    recipe: str
    ifu: int | None
    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    inputs: tuple[ClaimedInput, ...]
    outputs: tuple[ClaimedOutput, ...]
    threads: int
    memory_mb: int
    timeout_s: int
    lease_s: float
    project: str
    owner: str
    versions: dict[str, str]
    caveats: tuple[str, ...]


class RecordedInput(Model):
    """An input of a `TaskRecord`, by content."""

    tag: str
    ifu: int | None
    filename: str
    sha256: str
    content_key: str


class TaskRecord(Model):
    """What `rules.explain` compares: one run as it was made or is planned."""

    recipe: str
    ifu: int | None
    group: str
    parameters: dict[str, Any]
    inputs: tuple[RecordedInput, ...]
    versions: dict[str, str]
    caveats: tuple[str, ...] = ()
