"""Find a job or a task that a caller may see, by whole id or by how it begins."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from muse_scheduler.store import JobStore, KeptJob, KeptTask, TaskStore
from musecore.db import Transaction
from musecore.errors import Conflict, NotFound


class JobNotFound(NotFound):
    """No such job, or not for the caller."""

    code = "job_not_found"


class TaskNotFound(NotFound):
    """No such task, or not for the caller."""

    code = "task_not_found"


class PlanNotFound(NotFound):
    """No such plan, or not for the caller."""

    code = "plan_not_found"


class JobIdAmbiguous(Conflict):
    """Several jobs have ids that begin so."""

    code = "job_id_ambiguous"


async def find_job(
    tx: Transaction,
    text: str,
    projects: Collection[str] | None,
    *,
    lock: bool = False,
) -> KeptJob:
    """Give the job whose id is, or begins with, `text`.

    Raises
    ------
    JobNotFound, JobIdAmbiguous
        None or several.
    """
    store = JobStore(tx)
    ids = await store.ids_like(text.lower(), projects)
    if len(ids) > 1:
        raise JobIdAmbiguous(
            f"{len(ids)} jobs have ids that begin with {text!r}: "
            f"{', '.join(map(str, ids))}.",
            hint="Give more of the id.",
        )
    job = await store.job(ids[0], projects, lock=lock) if ids else None
    if job is None:
        raise JobNotFound(f"There is no job {text!r}.", hint="See: musewise jobs")
    return job


async def find_task(
    tx: Transaction,
    task_id: UUID,
    projects: Collection[str] | None,
    *,
    lock: bool = False,
) -> KeptTask:
    """Give a task that the caller may see; raises `TaskNotFound`."""
    task = await TaskStore(tx).task(task_id, lock=lock)
    if task is None or (projects is not None and task.project not in projects):
        raise TaskNotFound(f"There is no task {task_id}.", hint="See: musewise job JOB")
    return task
