"""What a failure of each class leads to (scheduler.md 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from muse_scheduler.models import TaskState, WorkerState
from muse_scheduler.service.context import Context
from muse_scheduler.service.dispatching import SCHEDULER
from muse_scheduler.service.release import block_below
from muse_scheduler.store import (
    JobStore,
    KeptTask,
    TaskStore,
    WorkerRegistry,
    WorkStore,
)
from musecore.db import Transaction
from musecore.log import get_logger
from musecore.messages import HANDED_BACK, TaskFailed
from musecore.times import utcnow

log = get_logger(__name__)

LOST = "lost"
_MACHINE = ("infrastructure", LOST)
_OF_WORKER = ("infrastructure", "bad_product")
"""Classes that speak against a worker when it fails one task after the other."""


class Failures:
    """Judges attempts that failed, and workers that fail too much."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @staticmethod
    def is_handed_back(event: TaskFailed) -> bool:
        """Whether the worker only stopped, and gave the task back."""
        told = event.detail.startswith(HANDED_BACK)
        return told and event.failure_class == "infrastructure"

    async def judge(self, tx: Transaction, task: KeptTask, event: TaskFailed) -> None:
        """Do what the class of a failure asks for: again, with more, or given up."""
        tries = await WorkStore(tx).outcomes(task.task_id, task.budget_from)
        who, detail = event.worker, event.detail
        match event.failure_class:
            case "infrastructure" if self.is_handed_back(event):
                await self._again(tx, task, who, f"{detail} Again elsewhere.")
            case "infrastructure" | "cancelled":
                await self.lost(tx, task, who=who, detail=detail, tries=tries)
            case "out_of_memory":
                await self._more_memory(tx, task, event)
            case "time_limit" if (
                tries.get("time_limit", 0) < self._context.policy.time_limit_tries
            ):
                longer = task.timeout_s * 2
                why = f"over its time limit ({detail}); again with {longer} s"
                await self._again(tx, task, who, why, timeout_s=longer)
            case "storage_full":
                await self._wait_for_room(tx, task, event)
            case other:
                lines = _telling(event.telling_lines)
                await self.give_up(tx, task, who, f"{other}: {detail}{lines}")

    async def judge_worker(self, tx: Transaction, name: str) -> None:
        """Set a worker aside that fails one task after the other.

        Not when another worker has just failed in the same way: what they have in
        common is broken then, and they are not.
        """
        registry = WorkerRegistry(tx)
        worker = await registry.worker(name)
        if worker is None or worker.orders is not WorkerState.ACTIVE:
            return
        since, limit = worker.trusted_since, self._context.policy.cordon_after
        count = await registry.streak(name, since, _OF_WORKER)
        if count < limit or await registry.others_fail(name, since, _OF_WORKER):
            return
        why = f"it failed {count} different tasks in a row"
        state = WorkerState.CORDONED
        await registry.move([name], state, orders=state, who=SCHEDULER, why=why)
        log.error("worker cordoned", worker=name, why=why)

    async def lost(
        self,
        tx: Transaction,
        task: KeptTask,
        *,
        who: str,
        detail: str,
        tries: Mapping[str, int],
        wait: bool = True,
    ) -> None:
        """Queue a task again that a machine lost, until its budget is used up."""
        count = sum(tries.get(name, 0) for name in _MACHINE)
        if count >= self._context.policy.infrastructure_tries:
            why = f"infrastructure: lost {count} times, the last: {detail}"
            await self.give_up(tx, task, who, why)
            return
        pause = self._context.policy.backoff(count) if wait else timedelta(0)
        await self._again(
            tx, task, who, f"lost ({detail}); again", not_before=utcnow() + pause
        )

    async def _again(
        self, tx: Transaction, task: KeptTask, who: str, why: str, **also: object
    ) -> None:
        values: dict[str, object] = {"worker": None, "lease_until": None}
        values |= {"attempt": task.attempt + 1, "not_before": None} | also
        await TaskStore(tx).move(
            [task.task_id], TaskState.READY, who=who, why=why, **values
        )

    async def _more_memory(
        self, tx: Transaction, task: KeptTask, event: TaskFailed
    ) -> None:
        """Try with more, up to the largest pool; this has a budget of its own."""
        more = self._context.pools.more(task.memory_mb)
        if more is None:
            why = f"out_of_memory: {event.detail} {task.memory_mb} MB are all there is"
            await self.give_up(tx, task, event.worker, why)
            return
        pool = self._context.pools.fitting(more).name
        why = f"out of memory ({event.detail}); again with {more} MB in pool {pool}"
        await self._again(tx, task, event.worker, why, memory_mb=more, pool=pool)

    async def _wait_for_room(
        self, tx: Transaction, task: KeptTask, event: TaskFailed
    ) -> None:
        wait_s = self._context.policy.full_storage_wait_s
        jobs = JobStore(tx)
        await jobs.say(
            await jobs.wanting([task.task_id]),
            f"The store is full, {task.spoken} waits: {event.detail} Free some room on "
            "its disk, or cancel jobs that are not needed; the job goes on by itself.",
        )
        await self._again(
            tx,
            task,
            event.worker,
            f"the store is full; again in {wait_s:.0f} s",
            not_before=utcnow() + timedelta(seconds=wait_s),
        )

    async def give_up(
        self, tx: Transaction, task: KeptTask, who: str, why: str
    ) -> None:
        """Make a task FAILED, block what needs it, tell the people."""
        await TaskStore(tx).move(
            [task.task_id],
            TaskState.FAILED,
            who=who or SCHEDULER,
            why=why,
            ended=utcnow(),
            lease_until=None,
        )
        await block_below(tx, [task.task_id])
        jobs = JobStore(tx)
        await jobs.say(
            await jobs.wanting([task.task_id]),
            f"{task.spoken} failed: {why}. What needs it waits. After a fix: retry "
            f"task {task.task_id} or the job.",
        )


def _telling(lines: Sequence[str]) -> str:
    return f" ({lines[-1].strip()})" if lines else ""
