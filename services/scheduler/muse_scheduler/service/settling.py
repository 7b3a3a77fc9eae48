"""What comes of attempts: products taken in, children released, failures judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from muse_scheduler.models import TaskState, may_become
from muse_scheduler.service.context import Context
from muse_scheduler.service.eviction import Eviction
from muse_scheduler.service.partial import Partial
from muse_scheduler.service.release import (
    SCHEDULER,
    block_below,
    dispatch,
    graph_change,
    make_ready,
)
from muse_scheduler.store import (
    JobStore,
    KeptTask,
    ProductStore,
    TaskStore,
    WorkStore,
)
from musecore.db import Transaction
from musecore.fits import SIMULATED_PIPELINE
from musecore.log import get_logger
from musecore.messages import FileUnwanted, TaskCancelled, TaskFailed, TaskFinished
from musecore.outbox import once, publish
from musecore.times import utcnow

log = get_logger(__name__)

LOST = "lost"
_MACHINE = ("infrastructure", LOST)


class Settling:
    """Hears how attempts end; each ending acts once."""

    def __init__(self, context: Context, partial: Partial, eviction: Eviction) -> None:
        self._context = context
        self._partial = partial
        self._eviction = eviction

    # -- finished
    async def finished(self, message_id: UUID, event: TaskFinished) -> None:
        """Take in products, or ignore an answer that comes too late."""
        async with graph_change(self._context) as tx:
            if not await once(tx, message_id):
                return
            task = await TaskStore(tx).task(event.task_id, lock=True)
            if task is None:
                log.warning("result of an unknown task", task_id=str(event.task_id))
            elif self._is_refused(event):
                await self._refuse_simulated(tx, task, event)
            elif may_become(task.state, TaskState.DONE):
                await self._accept(tx, task, event)
            else:
                await self._ignore(tx, task, event)

    async def _accept(
        self, tx: Transaction, task: KeptTask, event: TaskFinished
    ) -> None:
        await self._end(tx, event, "finished", "")
        if task.state is TaskState.RUNNING and task.attempt != event.attempt:
            await self._stop_newer(tx, task)
        await ProductStore(tx).add(task.task_id, event.attempt, event.products)
        caveats = dict.fromkeys((*task.caveats, *event.caveats))
        store = TaskStore(tx)
        await store.move(
            [task.task_id],
            TaskState.DONE,
            who=event.worker,
            why=f"attempt {event.attempt} made {len(event.products)} products",
            worker=event.worker,
            lease_until=None,
            ended=event.ended,
            started=event.started,
            made_by=None,
            caveats=list(caveats),
        )
        if task.realised_key:
            products = ProductStore(tx)
            await products.remember(task.project, task.realised_key, task.task_id)
        released = await store.release_children(task.task_id)
        await make_ready(self._context, tx, released)
        await dispatch(self._context, tx)
        await self._partial.look_after(tx, [task.task_id])

    def _is_refused(self, event: TaskFinished) -> bool:
        simulated = event.versions.get("pipeline") == SIMULATED_PIPELINE
        return simulated and not self._context.policy.simulation

    async def _refuse_simulated(
        self, tx: Transaction, task: KeptTask, event: TaskFinished
    ) -> None:
        """Fail a task that a simulated worker answered: no such product is data."""
        why = (
            f"the result of {event.worker} is simulated, and this server keeps real "
            "data: stop that worker, or start the server with MUSEWISE_SIMULATION=true"
        )
        await self._end(tx, event, "bad_product", why)
        for product in event.products:
            await publish(tx, FileUnwanted(file_id=product.file_id, reason=why))
        if _is_current(task, event.attempt):
            await self.give_up(tx, task, event.worker, f"bad_product: {why}")

    async def _stop_newer(self, tx: Transaction, task: KeptTask) -> None:
        why = "an earlier attempt answered first"
        work = WorkStore(tx)
        await work.end_attempt(task.task_id, task.attempt, "superseded", why)
        order = TaskCancelled(task_id=task.task_id, attempt=task.attempt, reason=why)
        await publish(tx, order)

    async def _ignore(
        self, tx: Transaction, task: KeptTask, event: TaskFinished
    ) -> None:
        """Drop the bytes of a second answer; the same answer twice is harmless."""
        files = [product.file_id for product in event.products]
        if await ProductStore(tx).of_attempt(task.task_id, files):
            return
        why = f"late answer: {task.spoken} is {task.state} already"
        await self._end(tx, event, "late", why)
        for product in event.products:
            unwanted = FileUnwanted(
                file_id=product.file_id, reason=why, superseded=True
            )
            await publish(tx, unwanted)

    async def _end(
        self, tx: Transaction, event: TaskFinished, outcome: str, detail: str
    ) -> None:
        await WorkStore(tx).end_attempt(
            event.task_id,
            event.attempt,
            outcome,
            detail,
            ended=event.ended,
            resources=event.resources,
            exit_code=0,
            log_file_id=event.log_file_id,
            telling_lines=event.warnings,
        )

    # -- failed
    async def failed(self, message_id: UUID, event: TaskFailed) -> None:
        """Judge a failure by its class: again, with more, later, or given up."""
        full = event.failure_class == "storage_full"
        async with graph_change(self._context) as tx:
            if not await once(tx, message_id):
                return
            task = await TaskStore(tx).task(event.task_id, lock=True)
            await self._end_failed(tx, event)
            if task is None or not _is_current(task, event.attempt):
                return
            await self._judge(tx, task, event)
        if full:
            await self._eviction.make_room()

    async def _end_failed(self, tx: Transaction, event: TaskFailed) -> None:
        await WorkStore(tx).end_attempt(
            event.task_id,
            event.attempt,
            event.failure_class,
            event.detail,
            ended=event.ended,
            resources=event.resources,
            exit_code=event.exit_code,
            signal=event.signal,
            log_file_id=event.log_file_id,
            telling_lines=event.telling_lines,
        )

    async def _judge(self, tx: Transaction, task: KeptTask, event: TaskFailed) -> None:
        policy = self._context.policy
        tries = await WorkStore(tx).outcomes(task.task_id, task.budget_from)
        count = tries.get(event.failure_class, 0)
        who, detail = event.worker, event.detail
        if event.failure_class in ("infrastructure", "cancelled"):
            await self.lost(tx, task, who=who, detail=detail, tries=tries)
        elif (
            event.failure_class == "out_of_memory"
            and count < policy.out_of_memory_tries
        ):
            more = task.memory_mb * 2
            why = f"out of memory ({detail}); again with {more} MB"
            await self._again(tx, task, who, why, memory_mb=more)
        elif event.failure_class == "time_limit" and count < policy.time_limit_tries:
            longer = task.timeout_s * 2
            why = f"over its time limit ({detail}); again with {longer} s"
            await self._again(tx, task, who, why, timeout_s=longer)
        elif event.failure_class == "storage_full":
            await self._wait_for_room(tx, task, event)
        else:
            await self.give_up(tx, task, who, f"{event.failure_class}: {detail}")

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
        await dispatch(self._context, tx)

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
        await dispatch(self._context, tx)
        await self._partial.look_after(tx, [task.task_id])


def _is_current(task: KeptTask, attempt: int) -> bool:
    return task.state is TaskState.RUNNING and task.attempt == attempt
