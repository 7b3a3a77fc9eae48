"""Go on without IFUs that failed, where the people of a job allow it.

The smaller plan has new keys from the first recipe on that joins IFUs, since the
list of its inputs differs; everything before keeps its key, hence its products.
Never decided by a time-out: only when all that can run has run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from muse_scheduler.models import FanIn, TaskState
from muse_scheduler.rules import outline_without
from muse_scheduler.service.accepting import put_in_place
from muse_scheduler.service.cancelling import cancel_unwanted
from muse_scheduler.service.context import Context
from muse_scheduler.store import FrameStore, JobStore, KeptJob, KeptTask, TaskStore
from musecore.db import Transaction
from musecore.errors import Conflict, MuseError


class NothingToLeaveOut(Conflict):
    """No IFU of the job has failed."""

    code = "nothing_to_leave_out"


class Partial:
    """Replaces what is blocked by a smaller plan, for jobs that allow it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def look_after(self, tx: Transaction, task_ids: Collection[UUID]) -> None:
        """Let jobs go on that have come to rest and may do without failed IFUs."""
        jobs = JobStore(tx)
        for job_id in await jobs.partial_jobs(task_ids):
            job = await jobs.job(job_id, None)
            if job is None or job.at_least is None:
                continue
            try:
                await self.reduce(tx, job, job.at_least)
            except MuseError as error:
                await jobs.say([job_id], f"The job cannot go on: {error}")

    async def reduce(self, tx: Transaction, job: KeptJob, at_least: int) -> None:
        """Leave the failed IFUs of a job out.

        The plan sees the frames that were there when the job was accepted, with
        the validity they have now.

        Raises
        ------
        NothingToLeaveOut
            No task of a single IFU has failed.
        TooFewIfus
            Fewer than `at_least` IFUs would be left.
        """
        jobs = JobStore(tx)
        tasks = await TaskStore(tx).of_job(job.job_id)
        failed = failed_ifus(tasks)
        if not failed:
            raise NothingToLeaveOut(
                "No task of a single IFU has failed in this job, so no IFU can be left "
                "out.",
                hint="Wait for the job, or retry what failed.",
            )
        first = await jobs.graph(job.job_id, first=True)
        smaller = await asyncio.to_thread(
            outline_without,
            job.request.model_copy(
                update={"fan_in": FanIn(policy="at_least", k=at_least)}
            ),
            failed,
            first.ifus,
            await FrameStore(tx).visible(job.projects, until=job.created),
            self._context.model,
            self._context.versions,
        )
        why = "; ".join(failed.values())
        await jobs.put_graph(job.job_id, smaller, why)
        keep = [t.task_id for t in tasks if t.state is TaskState.FAILED]
        await put_in_place(self._context, tx, job, smaller, keep=keep)
        replaced = "replaced by a task that does without the failed IFUs"
        await cancel_unwanted(self._context, tx, job.job_id, replaced)
        await jobs.say([job.job_id], f"The job goes on: {why}.")


def failed_ifus(tasks: Sequence[KeptTask]) -> dict[int, str]:
    """Give the IFUs with a failed task of their own, with a sentence about each."""
    failed = [t for t in tasks if t.state is TaskState.FAILED]
    return {
        task.ifu: f"IFU {task.ifu} is left out, {task.recipe} failed"
        for task in sorted(failed, key=lambda t: (t.ifu or 0, t.recipe))
        if task.ifu is not None
    }
