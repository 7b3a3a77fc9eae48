"""The worker's side: claim an attempt, keep its lease, say that it started."""

from __future__ import annotations

from uuid import UUID

from muse_scheduler.models import (
    ClaimedOutput,
    ClaimedTask,
    PlannedTask,
    TaskState,
)
from muse_scheduler.service.context import Context
from muse_scheduler.service.inputs import find_inputs
from muse_scheduler.service.lookups import TaskNotFound
from muse_scheduler.store import KeptTask, TaskStore, WorkStore
from musecore.errors import Conflict
from musecore.messages import TaskStarted
from musecore.outbox import once


class NotClaimable(Conflict):
    """The attempt is taken, over, or not to be run any more."""

    code = "not_claimable"


class Claims:
    """Hands out attempts, each to one worker."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def claim(self, task_id: UUID, attempt: int, worker: str) -> ClaimedTask:
        """Give a worker everything it needs for one attempt, and a lease.

        Raises
        ------
        TaskNotFound
            There is no such task.
        NotClaimable
            Somebody has it, or it does not stand at this attempt any more.
        """
        async with self._context.database.begin() as tx:
            lease = self._context.policy.lease
            task = await WorkStore(tx).claim(task_id, attempt, worker, lease)
            if task is None:
                raise _why_not(await TaskStore(tx).task(task_id), task_id, attempt)
            inputs = (await find_inputs(tx, [task]))[task_id]
            gone = [f.unusable or "dropped" for f in inputs if f.unusable or f.evicted]
            if gone:
                raise NotClaimable(f"Inputs of {task.spoken} are gone: {gone[0]}.")
            return ClaimedTask(
                task_id=task_id,
                attempt=attempt,
                key=task.key,
                recipe=task.recipe,
                ifu=task.ifu,
                parameters=inputs.planned.parameters,
                set_parameters=inputs.planned.set_parameters,
                inputs=tuple(one.claimed() for one in inputs),
                outputs=self._outputs(task, inputs.planned),
                threads=task.threads,
                memory_mb=task.memory_mb,
                timeout_s=task.timeout_s,
                lease_s=self._context.policy.lease_s,
                project=task.project,
                owner=task.owner,
                versions=task.versions,
                caveats=task.caveats,
            )

    def _outputs(
        self, task: KeptTask, planned: PlannedTask
    ) -> tuple[ClaimedOutput, ...]:
        """Give what the recipe writes with these parameters; needed ones are a must."""
        recipe = self._context.model.recipe(task.recipe)
        tags = {entry.tag for entry in planned.inputs}
        expected = recipe.outputs_with(planned.parameters, tags)
        return tuple(
            ClaimedOutput(
                tag=output.tag,
                min=1 if output.tag in task.outputs else 0,
                per_ifu=output.per_ifu,
            )
            for output in expected
        )

    async def heartbeat(self, task_id: UUID, attempt: int, worker: str) -> str | None:
        """Lengthen a lease; give the reason to stop, None to go on."""
        async with self._context.database.begin() as tx:
            lease = self._context.policy.lease
            if await WorkStore(tx).renew(task_id, attempt, worker, lease):
                return None
            task = await TaskStore(tx).task(task_id)
        return _why_stop(task, attempt)

    async def started(self, message_id: UUID, event: TaskStarted) -> None:
        """Note the process of an attempt."""
        async with self._context.database.begin() as tx:
            if await once(tx, message_id):
                work = WorkStore(tx)
                await work.set_pid(event.task_id, event.attempt, event.pid)


def _why_not(task: KeptTask | None, task_id: UUID, attempt: int) -> Exception:
    if task is None:
        return TaskNotFound(f"There is no task {task_id}.")
    return NotClaimable(
        f"Attempt {attempt} of {task.spoken} cannot be claimed: it is {task.state} at "
        f"attempt {task.attempt} ({task.reason}).",
        hint="Drop the message; if the task must run again, a new one comes.",
    )


def _why_stop(task: KeptTask | None, attempt: int) -> str:
    if task is None:
        return "unknown task"
    if task.attempt != attempt:
        return f"attempt {task.attempt} has taken over"
    if task.state is TaskState.CANCELLED:
        return "cancelled"
    return f"the task is {task.state}: {task.reason}"
