"""HTTP in, one service call, HTTP out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from pydantic import AwareDatetime, Field

from muse_scheduler.models import (
    Attempt,
    Job,
    Model,
    Plan,
    PlanRequest,
    Task,
    TaskEvent,
)
from muse_scheduler.rules import AddressRefused, NothingSelected, TooFewIfus
from muse_scheduler.service import SchedulerService
from muse_scheduler.service.access import TrialNotOwn
from muse_scheduler.service.explaining import Explanation, ProductNotFound
from muse_scheduler.service.jobs import TaskNotRetryable
from muse_scheduler.service.lookups import (
    JobIdAmbiguous,
    JobNotFound,
    PlanNotFound,
    TaskNotFound,
)
from muse_scheduler.service.partial import NothingToLeaveOut
from muse_scheduler.service.planning import PlanNotRunnable, UnknownTarget
from musecore.errors import ProjectNotFound
from musecore.web import CurrentPrincipal, problems

router = APIRouter()

_ASKED = problems(
    ProjectNotFound,
    UnknownTarget,
    NothingSelected,
    PlanNotRunnable,
    AddressRefused,
    TrialNotOwn,
)
_JOB = problems(JobNotFound, JobIdAmbiguous)
_TASK = problems(TaskNotFound)

JobId = Annotated[str, Field(description="Id of a job, or how it begins")]


class PlanToAccept(Model):
    """A plan that was shown, to become a job."""

    plan_id: UUID


class Files(Model):
    """Files of the catalog."""

    file_ids: Annotated[list[UUID], Field(max_length=1000)]


class AtLeast(Model):
    """How many good IFUs a job is content with."""

    at_least: Annotated[int, Field(ge=1, le=24)]


def _service(request: Request) -> SchedulerService:
    service: SchedulerService = request.app.state.service
    return service


# -- plans and jobs
@router.post(
    "/files/unknown",
    tags=["plans"],
    summary="Which of these files plans cannot see yet",
    description="Who puts files waits until the answer is empty before they plan.",
)
async def unknown_files(
    request: Request, caller: CurrentPrincipal, files: Files
) -> list[UUID]:
    return await _service(request).projection.unknown(files.file_ids)


@router.post(
    "/plans",
    tags=["plans"],
    summary="Say what would be built, from what, why, and how long it takes",
    responses=_ASKED,
)
async def make_plan(
    request: Request, caller: CurrentPrincipal, wanted: PlanRequest
) -> Plan:
    return await _service(request).planning.preview(caller, wanted)


@router.post(
    "/jobs",
    tags=["jobs"],
    status_code=201,
    summary="Build it: from a request, or from a plan that was shown",
    responses=_ASKED | problems(PlanNotFound),
)
async def make_job(
    request: Request,
    caller: CurrentPrincipal,
    wanted: Annotated[PlanToAccept | PlanRequest, Body(union_mode="left_to_right")],
) -> Job:
    service = _service(request)
    if isinstance(wanted, PlanToAccept):
        job_id = await service.planning.accept_plan(caller, wanted.plan_id)
    else:
        job_id = await service.planning.accept(caller, wanted)
    return await service.jobs.job(caller, str(job_id))


@router.get("/jobs", tags=["jobs"], summary="The newest jobs, newest first")
async def list_jobs(
    request: Request,
    caller: CurrentPrincipal,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    mine: Annotated[bool, Query(description="Only those of the caller")] = False,
    since: Annotated[AwareDatetime | None, Query(description="Made since then")] = None,
) -> list[Job]:
    return await _service(request).jobs.recent(caller, limit, mine=mine, since=since)


@router.get("/jobs/{job_id}", tags=["jobs"], summary="One job", responses=_JOB)
async def show_job(request: Request, caller: CurrentPrincipal, job_id: JobId) -> Job:
    return await _service(request).jobs.job(caller, job_id)


@router.get(
    "/jobs/{job_id}/tasks", tags=["jobs"], summary="The tasks of a job", responses=_JOB
)
async def list_tasks(
    request: Request, caller: CurrentPrincipal, job_id: JobId
) -> list[Task]:
    return await _service(request).jobs.tasks(caller, job_id)


@router.post(
    "/jobs/{job_id}/cancel",
    tags=["jobs"],
    summary="Stop a job",
    description="What another job wants goes on; what is finished stays.",
    responses=_JOB,
)
async def cancel_job(request: Request, caller: CurrentPrincipal, job_id: JobId) -> Job:
    return await _service(request).jobs.cancel(caller, job_id)


@router.post(
    "/jobs/{job_id}/retry",
    tags=["jobs"],
    summary="Try again what failed or was cancelled, with a new budget of attempts",
    description="Plans anew: what was mended meanwhile is seen, what is done is kept.",
    responses=_JOB,
)
async def retry_job(request: Request, caller: CurrentPrincipal, job_id: JobId) -> Job:
    return await _service(request).retrying.retry(caller, job_id)


@router.post(
    "/jobs/{job_id}/fan-in",
    tags=["jobs"],
    summary="Go on without the IFUs that failed",
    description="Field products are then made of the good IFUs and say so.",
    responses=_JOB | problems(NothingToLeaveOut, TooFewIfus),
)
async def set_fan_in(
    request: Request, caller: CurrentPrincipal, job_id: JobId, wish: AtLeast
) -> Job:
    return await _service(request).jobs.fan_in(caller, job_id, wish.at_least)


# -- tasks
@router.get("/tasks/{task_id}", tags=["tasks"], summary="One task", responses=_TASK)
async def show_task(request: Request, caller: CurrentPrincipal, task_id: UUID) -> Task:
    return await _service(request).jobs.task(caller, task_id)


@router.get(
    "/tasks/{task_id}/attempts",
    tags=["tasks"],
    summary="Every try of a task: worker, exit code, telling lines of its log",
    responses=_TASK,
)
async def list_attempts(
    request: Request, caller: CurrentPrincipal, task_id: UUID
) -> list[Attempt]:
    return await _service(request).jobs.attempts(caller, task_id)


@router.get(
    "/tasks/{task_id}/events",
    tags=["tasks"],
    summary="The history of a task: who, why, when",
    responses=_TASK,
)
async def list_events(
    request: Request, caller: CurrentPrincipal, task_id: UUID
) -> list[TaskEvent]:
    return await _service(request).jobs.events(caller, task_id)


@router.post(
    "/tasks/{task_id}/retry",
    tags=["tasks"],
    summary="Try a failed task again; what waited for it waits again",
    responses=problems(TaskNotFound, TaskNotRetryable),
)
async def retry_task(request: Request, caller: CurrentPrincipal, task_id: UUID) -> Task:
    return await _service(request).jobs.retry_task(caller, task_id)


@router.get(
    "/why",
    tags=["products"],
    summary="Why a product is what it is, and how other versions of it differ",
    responses=problems(ProductNotFound),
)
async def explain(
    request: Request, caller: CurrentPrincipal, frame_id: UUID
) -> Explanation:
    return await _service(request).explaining.why(caller, frame_id)
