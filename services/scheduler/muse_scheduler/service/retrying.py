"""Try a job again, with what is there now.

What failed may fail again with the same inputs; what a person did to mend it (marked
a bad frame, put a better one) is seen by planning anew. What is finished and still
wanted keeps its key, so it is not run again.
"""

from __future__ import annotations

import asyncio

from muse_scheduler.models import Job, Outline
from muse_scheduler.rules import outline
from muse_scheduler.service.accepting import put_in_place
from muse_scheduler.service.access import visible_projects
from muse_scheduler.service.cancelling import cancel_unwanted
from muse_scheduler.service.context import Context
from muse_scheduler.service.jobs import Jobs
from muse_scheduler.service.lookups import find_job
from muse_scheduler.service.release import graph_change
from muse_scheduler.store import FrameStore, JobStore, KeptJob
from musecore.identity import Principal

_WHY = "planned anew for another try"


class Retrying:
    """Retries whole jobs."""

    def __init__(self, context: Context, jobs: Jobs) -> None:
        self._context = context
        self._jobs = jobs

    async def retry(self, principal: Principal, text: str) -> Job:
        """Try again what failed or was cancelled; choose again where that differs.

        If the frames of now cannot serve the request any more, the same tasks are
        tried again and the job says what was missing.
        """
        visible = visible_projects(principal)
        async with self._context.database.begin() as tx:
            job = await find_job(tx, text, visible)
            before = await JobStore(tx).graph(job.job_id)
            frames = await FrameStore(tx).visible(job.projects)
        model, versions = self._context.model, self._context.versions
        graph = await asyncio.to_thread(outline, job.request, frames, model, versions)
        if graph.runnable and set(graph.keys) != before.keys:
            await self._replace(principal, job, graph)
        else:
            await self._jobs.retry_same(principal, str(job.job_id))
        return await self._jobs.job(principal, str(job.job_id))

    async def _replace(
        self, principal: Principal, job: KeptJob, graph: Outline
    ) -> None:
        async with graph_change(self._context) as tx:
            jobs = JobStore(tx)
            locked = await find_job(
                tx, str(job.job_id), visible_projects(principal), lock=True
            )
            await jobs.set_cancelled(job.job_id, False)
            await jobs.put_graph(job.job_id, graph, _WHY)
            await put_in_place(self._context, tx, locked, graph)
            await cancel_unwanted(
                self._context, tx, job.job_id, _WHY, who=principal.name
            )
            for line in _news(job, graph):
                await jobs.say([job.job_id], line)


def _news(job: KeptJob, graph: Outline) -> list[str]:
    """Say that inputs were chosen again; the choices themselves are in the plan."""
    first = f"Tried again by {job.owner}: the frames of now give other inputs."
    return [first, *graph.warnings]
