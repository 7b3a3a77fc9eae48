"""Stop what nobody wants any more."""

from __future__ import annotations

from uuid import UUID

from muse_scheduler.models import TaskState
from muse_scheduler.service.context import Context
from muse_scheduler.service.release import SCHEDULER, dispatch
from muse_scheduler.store import TaskStore, WindowStore
from musecore.db import Transaction
from musecore.messages import TaskCancelled
from musecore.outbox import publish

_AT_WORKER = frozenset({TaskState.QUEUED, TaskState.RUNNING})


async def cancel_unwanted(
    context: Context, tx: Transaction, job_id: UUID, why: str, who: str = SCHEDULER
) -> int:
    """Cancel unfinished tasks of a job that no live job wants; give their number."""
    store = TaskStore(tx)
    ids = await store.unwanted(job_id)
    tasks = await store.by_ids(ids, lock=True)
    await store.move(ids, TaskState.CANCELLED, who=who, why=why, lease_until=None)
    for task in tasks.values():
        if task.state in _AT_WORKER:
            order = TaskCancelled(
                task_id=task.task_id, attempt=task.attempt, reason=why
            )
            await publish(tx, order)
    await WindowStore(tx).prioritise(job_id)
    await dispatch(context, tx)
    return len(ids)
