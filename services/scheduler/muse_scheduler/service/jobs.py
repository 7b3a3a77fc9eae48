"""Jobs as people see and steer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from muse_scheduler.models import (
    Attempt,
    Job,
    JobProduct,
    JobState,
    RecipeProgress,
    Task,
    TaskEvent,
    TaskState,
)
from muse_scheduler.service.access import visible_projects, without_secrets
from muse_scheduler.service.cancelling import cancel_unwanted
from muse_scheduler.service.context import Context
from muse_scheduler.service.lookups import find_job, find_task
from muse_scheduler.service.partial import Partial, failed_ifus
from muse_scheduler.service.release import (
    dispatch,
    graph_change,
    settle,
    unblock_below,
)
from muse_scheduler.store import (
    JobStore,
    KeptJob,
    KeptTask,
    ProductStore,
    RecipeCost,
    TaskShare,
    TaskStore,
    UnitStore,
    WindowStore,
    WorkStore,
)
from musecore.db import Transaction
from musecore.errors import Conflict
from musecore.identity import Principal

_AGAIN = frozenset({TaskState.FAILED, TaskState.CANCELLED})
_REST = frozenset({TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED})
_ACTIVE = frozenset(
    {
        TaskState.PLANNED,
        TaskState.WAITING,
        TaskState.READY,
        TaskState.QUEUED,
        TaskState.RUNNING,
    }
)
REUSED = "REUSED"
_STRIP = (
    *("FAILED", "BLOCKED", "CANCELLED", "RUNNING", "QUEUED", "READY", "WAITING"),
    *("PLANNED", "DONE", REUSED),
)


class TaskNotRetryable(Conflict):
    """Only a task that failed or was cancelled can be tried again."""

    code = "task_not_retryable"


class Jobs:
    """Shows jobs and tasks, cancels and retries them."""

    def __init__(self, context: Context, partial: Partial) -> None:
        self._context = context
        self._partial = partial

    # -- show
    async def job(self, principal: Principal, text: str) -> Job:
        """Give a job by its id or how it begins."""
        async with self._context.database.begin() as tx:
            kept = await find_job(tx, text, visible_projects(principal))
            return await self.shown(tx, kept)

    async def recent(
        self,
        principal: Principal,
        limit: int,
        *,
        mine: bool = False,
        since: datetime | None = None,
    ) -> list[Job]:
        """Give the newest jobs, newest first; only one's own, or those made since."""
        owner = principal.name if mine else None
        async with self._context.database.begin() as tx:
            kept = await JobStore(tx).recent(
                visible_projects(principal), limit, owner=owner, since=since
            )
            return [await self.shown(tx, job) for job in kept]

    async def tasks(self, principal: Principal, text: str) -> list[Task]:
        """Give the tasks of a job."""
        async with self._context.database.begin() as tx:
            job = await find_job(tx, text, visible_projects(principal))
            tasks = await TaskStore(tx).of_job(job.job_id)
            return await UnitStore(tx).shown(tasks)

    async def task(self, principal: Principal, task_id: UUID) -> Task:
        """Give one task."""
        async with self._context.database.begin() as tx:
            task = await find_task(tx, task_id, visible_projects(principal))
            [shown] = await UnitStore(tx).shown([task])
        return shown

    async def attempts(self, principal: Principal, task_id: UUID) -> list[Attempt]:
        """Give every try of a task."""
        async with self._context.database.begin() as tx:
            await find_task(tx, task_id, visible_projects(principal))
            return await WorkStore(tx).attempts(task_id)

    async def events(self, principal: Principal, task_id: UUID) -> list[TaskEvent]:
        """Give the history of a task."""
        async with self._context.database.begin() as tx:
            await find_task(tx, task_id, visible_projects(principal))
            return await TaskStore(tx).events(task_id)

    async def shown(self, tx: Transaction, job: KeptJob) -> Job:
        """Give a job as people see it."""
        store = JobStore(tx)
        shares = await store.shares(job.job_id)
        costs = await store.costs({share.recipe for share in shares})
        state = _job_state(job, shares)
        return Job(
            job_id=job.job_id,
            state=state,
            request=without_secrets(job.request),
            created=job.created,
            progress=_progress(shares),
            tasks_total=len(shares),
            done=sum(share.state is TaskState.DONE for share in shares),
            eta_s=_eta(state, shares, costs, self._context.policy.slots),
            products=await _products(tx, shares),
            messages=tuple(await store.messages(job.job_id)),
        )

    # -- steer
    async def cancel(self, principal: Principal, text: str) -> Job:
        """Cancel a job: what no other job wants stops. May be repeated."""
        async with graph_change(self._context) as tx:
            job = await find_job(tx, text, visible_projects(principal), lock=True)
            await JobStore(tx).set_cancelled(job.job_id, True)
            why = f"job {job.job_id} was cancelled"
            who = principal.name
            await cancel_unwanted(self._context, tx, job.job_id, why, who)
        return await self.job(principal, str(job.job_id))

    async def retry_same(self, principal: Principal, text: str) -> None:
        """Try the same tasks again that failed or were cancelled, with a new budget."""
        async with graph_change(self._context) as tx:
            job = await find_job(tx, text, visible_projects(principal), lock=True)
            await JobStore(tx).set_cancelled(job.job_id, False)
            await WindowStore(tx).prioritise(job.job_id)
            tasks = await TaskStore(tx).of_job(job.job_id)
            ids = [t.task_id for t in tasks if t.state in _AGAIN]
            await self._retry(tx, ids, principal.name)

    async def retry_task(self, principal: Principal, task_id: UUID) -> Task:
        """Try one task again, with a new budget; what waited for it waits again.

        Raises
        ------
        TaskNotRetryable
            It neither failed nor was cancelled.
        """
        async with graph_change(self._context) as tx:
            visible = visible_projects(principal)
            task = await find_task(tx, task_id, visible, lock=True)
            if task.state not in _AGAIN:
                raise _not_retryable(task)
            await self._retry(tx, [task_id], principal.name)
        return await self.task(principal, task_id)

    async def _retry(self, tx: Transaction, ids: Sequence[UUID], who: str) -> None:
        await TaskStore(tx).renew(ids)
        await settle(self._context, tx, ids, who=who, why="tried again by a person")
        await unblock_below(tx, ids)
        await dispatch(self._context, tx)

    async def fan_in(self, principal: Principal, text: str, at_least: int) -> Job:
        """Let a job be content with `at_least` good IFUs, from now on.

        Acts at once when the job has come to rest, else as soon as it has.

        Raises
        ------
        NothingToLeaveOut, TooFewIfus
            It has come to rest, and no IFU failed or too few are good.
        """
        async with graph_change(self._context) as tx:
            job = await find_job(tx, text, visible_projects(principal), lock=True)
            await JobStore(tx).set_at_least(job.job_id, at_least)
            tasks = await TaskStore(tx).of_job(job.job_id)
            if failed_ifus(tasks) and not any(t.state in _ACTIVE for t in tasks):
                await self._partial.reduce(tx, job, at_least)
        return await self.job(principal, str(job.job_id))


def _not_retryable(task: KeptTask) -> TaskNotRetryable:
    return TaskNotRetryable(
        f"{task.spoken} is {task.state}; only a task that failed or was cancelled can "
        "be tried again.",
        hint="To make it anew, change a parameter or its inputs.",
    )


def _job_state(job: KeptJob, shares: Sequence[TaskShare]) -> JobState:
    if job.cancelled_at is not None:
        return JobState.CANCELLED
    targets = [share.state for share in shares if share.targets]
    if all(state is TaskState.DONE for state in targets):
        return JobState.DONE
    states = {share.state for share in shares}
    if states & {TaskState.QUEUED, TaskState.RUNNING, TaskState.READY}:
        return JobState.RUNNING
    if TaskState.FAILED in targets:
        return JobState.FAILED
    if TaskState.BLOCKED in states or TaskState.FAILED in states:
        return JobState.BLOCKED
    return JobState.PLANNED


def _progress(shares: Sequence[TaskShare]) -> dict[str, RecipeProgress]:
    """Count the tasks of each recipe; ``done`` includes those that are ``reused``."""
    recipes = dict.fromkeys(share.recipe for share in shares)
    progress = {}
    for recipe in recipes:
        own = [share for share in shares if share.recipe == recipe]
        states = [share.state for share in own]
        done = states.count(TaskState.DONE)
        running = states.count(TaskState.RUNNING)
        failed = states.count(TaskState.FAILED) + states.count(TaskState.CANCELLED)
        blocked = states.count(TaskState.BLOCKED)
        progress[recipe] = RecipeProgress(
            total=len(own),
            done=done,
            reused=sum(s.reused and s.state is TaskState.DONE for s in own),
            running=running,
            failed=failed,
            blocked=blocked,
            waiting=len(own) - done - running - failed - blocked,
            ifus=_strip(own),
        )
    return progress


def _strip(shares: Sequence[TaskShare]) -> dict[str, str]:
    """Give IFU -> its most telling state, FAILED before RUNNING before DONE.

    ``REUSED`` stands for an IFU of which nothing had to be made.
    """
    strip: dict[int, str] = {}
    for share in shares:
        if share.ifu is not None:
            reused = share.reused and share.state is TaskState.DONE
            state = REUSED if reused else share.state.value
            known = strip.get(share.ifu, state)
            strip[share.ifu] = min(known, state, key=_STRIP.index)
    return {str(ifu): strip[ifu] for ifu in sorted(strip)}


def _eta(
    state: JobState,
    shares: Sequence[TaskShare],
    costs: Mapping[str, RecipeCost],
    slots: int,
) -> float | None:
    """Seconds to go: the longest chain, or what is left spread over the slots."""
    if state not in (JobState.RUNNING, JobState.PLANNED):
        return None
    open_ones = [share for share in shares if share.state not in _REST]
    left = sum(
        costs[s.recipe].wall_s if s.recipe in costs else s.est_s for s in open_ones
    )
    planned = sum(share.est_s for share in open_ones)
    longest = max((share.critical_s for share in open_ones), default=0.0)
    scale = left / planned if planned > 0 else 1.0
    return max(longest * scale, left / max(1, slots))


async def _products(
    tx: Transaction, shares: Sequence[TaskShare]
) -> tuple[JobProduct, ...]:
    """Give the finished target products of a job."""
    done = {s.task_id: s for s in shares if s.targets and s.state is TaskState.DONE}
    tasks = await TaskStore(tx).by_ids(list(done))
    sources = {task.source_id: done[task.task_id] for task in tasks.values()}
    current = await ProductStore(tx).current(list(sources))
    return tuple(
        JobProduct(
            tag=product.tag,
            frame_id=product.product_id,
            file_id=product.file_id,
            filename=product.filename,
            sha256=product.sha256,
        )
        for product in current.values()
        if product.tag in sources[product.task_id].targets
    )
