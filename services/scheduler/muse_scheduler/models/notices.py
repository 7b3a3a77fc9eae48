"""Notices: what there is to tell of a job, and to whom."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from muse_scheduler.models.frames import Model

NoticeKind = Literal["ended", "failing"]
"""``failing``: a task of a job failed for good while others still run."""


class Occasion(Model):
    """A job of which there is something to tell, once for each ``mark``.

    ``graph_n`` is the version of its plan; another try of a job changes the mark.
    """

    job_id: UUID
    kind: NoticeKind
    mark: str
    graph_n: int


class FailedTask(Model):
    """A task that failed, and what its last attempt said."""

    task_id: UUID
    recipe: str
    ifu: int | None
    group_label: str
    attempt: int
    outcome: str
    detail: str
    telling_lines: tuple[str, ...]


class NoticeText(Model):
    """The words for people, and the same for programs."""

    subject: str
    text: str
    facts: dict[str, Any]


class Delivery(Model):
    """A notice on its way to one address; ``attempts`` counts this one."""

    notice_id: UUID
    address: str
    attempts: int
    subject: str
    text: str
    facts: dict[str, Any]
