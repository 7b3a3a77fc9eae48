"""The worker's side: claim attempts, keep their leases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from muse_scheduler.models import (
    ClaimedOutput,
    ClaimedTask,
    Gate,
    PlannedTask,
    TaskState,
    WorkerState,
)
from muse_scheduler.service.context import Context
from muse_scheduler.service.inputs import Inputs, find_inputs
from muse_scheduler.service.lookups import TaskNotFound
from muse_scheduler.service.release import dispatch, graph_change, make_ready
from muse_scheduler.store import (
    KeptTask,
    KeptWorker,
    TaskStore,
    WorkerRegistry,
    WorkStore,
)
from musecore.db import Transaction
from musecore.errors import Conflict, MuseError, WorkerPaused
from musecore.times import utcnow

SEEN_EVERY = timedelta(seconds=5)
BACK_AFTER = timedelta(seconds=1)
"""Between a refusal to a paused worker and the next offer of the task."""


class NotClaimable(Conflict):
    """The attempt is taken, over, or not to be run any more."""

    code = "not_claimable"


class _InputsGone(Exception):
    """Inputs were dropped or marked bad since the task was handed out."""

    def __init__(self, task_ids: Sequence[UUID]) -> None:
        super().__init__()
        self.task_ids = task_ids


@dataclass(frozen=True)
class Beat:
    """A worker says that it still runs an attempt."""

    task_id: UUID
    attempt: int
    worker: str


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
        WorkerPaused
            The worker, its site or the pool is paused.
        """
        [answer] = await self.claim_many([(task_id, attempt)], worker)
        if isinstance(answer, MuseError):
            raise answer
        return answer

    async def claim_many(
        self, wanted: Sequence[tuple[UUID, int]], worker: str
    ) -> list[ClaimedTask | MuseError]:
        """Give a worker several attempts in one transaction; an answer for each."""
        try:
            return await self._claim_many(wanted, worker)
        except _InputsGone as gone:
            async with graph_change(self._context) as tx:
                await make_ready(self._context, tx, gone.task_ids)
                await dispatch(self._context, tx)
            return await self._claim_many(wanted, worker)

    async def _claim_many(
        self, wanted: Sequence[tuple[UUID, int]], worker: str
    ) -> list[ClaimedTask | MuseError]:
        async with self._context.database.begin() as tx:
            registry, work = WorkerRegistry(tx), WorkStore(tx)
            known, gates = await registry.worker_and_gates(worker)
            refusal = _refusal(known, gates)
            closed = [name for kind, name in gates if kind == "pool"]
            claimed: list[KeptTask] = []
            if refusal is None:
                lease = self._context.policy.lease
                claimed = await work.claim(wanted, worker, lease, closed)
            answers = await self._answers(tx, claimed)
            rest = [one for one in wanted if one not in answers]
            answers |= await self._refuse(tx, rest, refusal, gates)
            if known is None or known.seen_at < utcnow() - SEEN_EVERY:
                await registry.seen([worker], SEEN_EVERY)
        return [answers[one] for one in wanted]

    async def _answers(
        self, tx: Transaction, claimed: Sequence[KeptTask]
    ) -> dict[tuple[UUID, int], ClaimedTask | MuseError]:
        if not claimed:
            return {}
        inputs = await find_inputs(tx, claimed)
        gone = [
            task_id
            for task_id, found in inputs.items()
            if any(one.unusable or one.evicted for one in found)
        ]
        if gone:
            raise _InputsGone(gone)
        return {
            (t.task_id, t.attempt): self._claimed(t, inputs[t.task_id]) for t in claimed
        }

    async def _refuse(
        self,
        tx: Transaction,
        wanted: Sequence[tuple[UUID, int]],
        refusal: str | None,
        gates: dict[tuple[str, str], Gate],
    ) -> dict[tuple[UUID, int], ClaimedTask | MuseError]:
        """Say why attempts cannot be had; what is only paused is offered again."""
        if not wanted:
            return {}
        tasks = await TaskStore(tx).by_ids([task_id for task_id, _ in wanted])
        answers: dict[tuple[UUID, int], ClaimedTask | MuseError] = {}
        back: list[tuple[UUID, int]] = []
        for task_id, attempt in wanted:
            task = tasks.get(task_id)
            why = refusal or _closed_pool(task, gates)
            if why is not None and _is_offered(task, attempt):
                back.append((task_id, attempt))
                answers[task_id, attempt] = WorkerPaused(
                    why, hint="Take no more tasks until the next beat says so."
                )
            else:
                answers[task_id, attempt] = _why_not(task, task_id, attempt)
        if back:
            why = refusal or "the pool is paused"
            await WorkStore(tx).give_back(back, utcnow() + BACK_AFTER, why)
        return answers

    def _claimed(self, task: KeptTask, inputs: Inputs) -> ClaimedTask:
        return ClaimedTask(
            task_id=task.task_id,
            attempt=task.attempt,
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
        [answer] = await self.heartbeats([Beat(task_id, attempt, worker)])
        return answer

    async def heartbeats(self, beats: Sequence[Beat]) -> list[str | None]:
        """Lengthen leases; give for each the reason to stop, None to go on."""
        async with self._context.database.begin() as tx:
            held = [(b.task_id, b.attempt, b.worker) for b in beats]
            kept = await WorkStore(tx).renew(held, self._context.policy.lease)
            lost = [b for b in beats if (b.task_id, b.attempt) not in kept]
            tasks = (
                await TaskStore(tx).by_ids([b.task_id for b in lost]) if lost else {}
            )
            await WorkerRegistry(tx).seen([b.worker for b in beats], SEEN_EVERY)
        return [
            _why_stop(tasks.get(b.task_id), b.attempt) if b in lost else None
            for b in beats
        ]


def _refusal(
    worker: KeptWorker | None, gates: dict[tuple[str, str], Gate]
) -> str | None:
    """Say why a worker gets nothing now, None when it may."""
    if worker is None:
        return None
    gate = gates.get(("site", worker.site))
    if gate is not None:
        return f"Site {worker.site} is paused: {gate.reason or gate.who}."
    if worker.orders is not WorkerState.ACTIVE:
        return f"Worker {worker.name} is {worker.orders}: {worker.reason}."
    return None


def _closed_pool(
    task: KeptTask | None, gates: dict[tuple[str, str], Gate]
) -> str | None:
    gate = None if task is None else gates.get(("pool", task.pool))
    return None if gate is None else f"Pool {gate.name} is paused: {gate.reason}."


def _is_offered(task: KeptTask | None, attempt: int) -> bool:
    offered = (TaskState.READY, TaskState.QUEUED)
    return task is not None and task.attempt == attempt and task.state in offered


def _why_not(task: KeptTask | None, task_id: UUID, attempt: int) -> MuseError:
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
