"""The workers' side in HTTP, and the operators' side of the workers."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import Field

from muse_scheduler.models import (
    Announcement,
    ClaimedTask,
    Gate,
    Model,
    PoolShown,
    Reason,
    ShareWish,
    Worker,
    WorkerEvent,
    WorkerOrders,
    WorkerState,
)
from muse_scheduler.service import SchedulerService
from muse_scheduler.service.claims import Beat, NotClaimable
from muse_scheduler.service.fleet import PoolNotFound, WorkerNotFound
from muse_scheduler.service.lookups import TaskNotFound
from muse_scheduler.service.settling import Heard
from musecore.errors import MuseError, Refused, WorkerPaused
from musecore.identity import ScopeMissing
from musecore.messages import Envelope, TaskFailed, TaskFinished, TaskStarted, parse
from musecore.web import CurrentPrincipal, CurrentService, problems

router = APIRouter()

MOST = 200
_WORKER = problems(WorkerNotFound, ScopeMissing)
_GATE = problems(ScopeMissing, PoolNotFound)

WorkerName = Annotated[str, Path(pattern=r"^[\w.-]+$", description="Name of a worker")]
Name = Annotated[str, Path(pattern=r"^[\w.-]+$")]
Kind = Annotated[Literal["sites", "pools"], Path()]
Order = Annotated[Literal["pause", "resume", "drain", "cordon", "uncordon"], Path()]

_ORDERS = {
    "pause": WorkerState.PAUSED,
    "resume": WorkerState.ACTIVE,
    "drain": WorkerState.DRAINING,
    "cordon": WorkerState.CORDONED,
    "uncordon": WorkerState.ACTIVE,
}


class NotAResult(Refused):
    """Only messages about started, finished and failed tasks are results."""

    code = "not_a_result"


class AttemptOfWorker(Model):
    """Who speaks, and about which attempt."""

    attempt: int
    worker: str


class TaskAttempt(Model):
    """An attempt at a task."""

    task_id: UUID
    attempt: int


class Wanted(Model):
    """Attempts that a worker wants."""

    worker: str
    tasks: Annotated[list[TaskAttempt], Field(max_length=MOST)]


class Refusal(Model):
    """Why something was not done, as a problem document says it."""

    code: str
    detail: str
    status: int


class Claimed(Model):
    """The answer about one attempt: the task, or why not."""

    task_id: UUID
    attempt: int
    task: ClaimedTask | None = None
    refused: Refusal | None = None


class BeatOfWorker(TaskAttempt):
    """A worker still runs this attempt."""

    worker: str


class Beats(Model):
    """Attempts that run."""

    beats: Annotated[list[BeatOfWorker], Field(max_length=1000)]


class Heartbeat(Model):
    """Whether to go on, and why not."""

    go_on: bool
    reason: str


class Results(Model):
    """Messages as the broker would carry them."""

    messages: Annotated[list[Envelope], Field(max_length=MOST)]


class Taken(Model):
    """The answer about one message: taken (also when it was heard before), or not."""

    message_id: UUID
    taken: bool
    refused: Refusal | None = None


def _service(request: Request) -> SchedulerService:
    service: SchedulerService = request.app.state.service
    return service


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, MuseError):
        return Refusal(code=error.code, detail=str(error), status=error.status)
    return Refusal(code="internal_error", detail="The message broke.", status=500)


# -- one attempt
@router.post(
    "/tasks/{task_id}/claim",
    tags=["workers"],
    summary="Take an attempt, with everything it needs, and a lease",
    responses=problems(TaskNotFound, NotClaimable, WorkerPaused),
)
async def claim_task(
    request: Request, caller: CurrentService, task_id: UUID, worker: AttemptOfWorker
) -> ClaimedTask:
    del caller
    claims = _service(request).claims
    return await claims.claim(task_id, worker.attempt, worker.worker)


@router.post(
    "/tasks/{task_id}/heartbeat",
    tags=["workers"],
    summary="Lengthen the lease of an attempt, or learn that it must stop",
)
async def beat(
    request: Request, caller: CurrentService, task_id: UUID, worker: AttemptOfWorker
) -> Heartbeat:
    del caller
    claims = _service(request).claims
    stop = await claims.heartbeat(task_id, worker.attempt, worker.worker)
    return Heartbeat(go_on=stop is None, reason=stop or "")


# -- many
@router.post(
    "/claims",
    tags=["workers"],
    summary="Take several attempts at once; each is given or refused for itself",
)
async def claim_tasks(
    request: Request, caller: CurrentService, wanted: Wanted
) -> list[Claimed]:
    del caller
    pairs = [(one.task_id, one.attempt) for one in wanted.tasks]
    answers = await _service(request).claims.claim_many(pairs, wanted.worker)
    return [
        Claimed(task_id=task_id, attempt=attempt, refused=_refusal(answer))
        if isinstance(answer, MuseError)
        else Claimed(task_id=task_id, attempt=attempt, task=answer)
        for (task_id, attempt), answer in zip(pairs, answers, strict=True)
    ]


@router.post(
    "/heartbeats",
    tags=["workers"],
    summary="Lengthen the leases of several attempts; an answer for each, in order",
)
async def beat_many(
    request: Request, caller: CurrentService, beats: Beats
) -> list[Heartbeat]:
    del caller
    asked = [Beat(one.task_id, one.attempt, one.worker) for one in beats.beats]
    stops = await _service(request).claims.heartbeats(asked)
    return [Heartbeat(go_on=stop is None, reason=stop or "") for stop in stops]


@router.post(
    "/results",
    tags=["workers"],
    summary="Say how attempts started and ended, where the broker cannot be reached",
    description="The same envelopes as on the broker, with the same meaning: each "
    "acts once by its message id, by whichever door it comes, and is passed on.",
)
async def take_results(
    request: Request, caller: CurrentService, results: Results
) -> list[Taken]:
    del caller
    answers: dict[int, Refusal] = {}
    heard: dict[int, Heard] = {}
    for n, envelope in enumerate(results.messages):
        try:
            heard[n] = _heard(envelope)
        except MuseError as error:
            answers[n] = _refusal(error)
    if heard:
        settling = _service(request).settling
        errors = await settling.settle_each(list(heard.values()))
        for n, wrong in zip(heard, errors, strict=True):
            if wrong is not None:
                answers[n] = _refusal(wrong)
    return [
        Taken(message_id=one.message_id, taken=n not in answers, refused=answers.get(n))
        for n, one in enumerate(results.messages)
    ]


def _heard(envelope: Envelope) -> Heard:
    try:
        payload = parse(envelope)
    except (KeyError, ValueError) as error:
        raise NotAResult(f"{envelope.name} does not fit: {error}") from error
    if not isinstance(payload, TaskStarted | TaskFinished | TaskFailed):
        raise NotAResult(
            f"{envelope.name} says nothing about an attempt.",
            hint="Send task.started, task.finished or task.failed.",
        )
    return Heard(envelope.message_id, payload, envelope)


# -- workers
@router.put(
    "/workers/{name}",
    tags=["workers"],
    summary="Say that a worker is there, and what it has; hear what it may do",
    description="At its start (`starting`), then every `beat_s`, and when it stops in "
    "order (`stopping`).",
)
async def announce_worker(
    request: Request, caller: CurrentService, name: WorkerName, said: Announcement
) -> WorkerOrders:
    del caller
    return await _service(request).fleet.announce(name, said)


@router.get("/workers", tags=["fleet"], summary="The workers")
async def list_workers(request: Request, caller: CurrentPrincipal) -> list[Worker]:
    del caller
    return await _service(request).fleet.workers()


@router.get(
    "/workers/{name}/events",
    tags=["fleet"],
    summary="The history of a worker: who, why, when",
    responses=problems(WorkerNotFound),
)
async def worker_events(
    request: Request, caller: CurrentPrincipal, name: WorkerName
) -> list[WorkerEvent]:
    del caller
    return await _service(request).fleet.events(name)


@router.post(
    "/workers/{name}/{order}",
    tags=["fleet"],
    summary="Let a worker get no new tasks, or let it work again",
    description="What it runs goes on. A drained worker ends when it has run out.",
    responses=_WORKER,
)
async def order_worker(
    request: Request,
    caller: CurrentPrincipal,
    name: WorkerName,
    order: Order,
    why: Reason,
) -> Worker:
    fleet = _service(request).fleet
    return await fleet.order(caller, name, _ORDERS[order], why.reason)


# -- sites, pools, shares
@router.get("/pools", tags=["fleet"], summary="The pools: slots, what waits, what runs")
async def list_pools(request: Request, caller: CurrentPrincipal) -> list[PoolShown]:
    del caller
    return await _service(request).fleet.pools()


@router.get("/gates", tags=["fleet"], summary="Sites and pools that are paused")
async def list_gates(request: Request, caller: CurrentPrincipal) -> list[Gate]:
    del caller
    return await _service(request).fleet.gates()


@router.post(
    "/{kind}/{name}/pause",
    tags=["fleet"],
    summary="Let a site or a pool get no new tasks",
    responses=_GATE,
)
async def pause_gate(
    request: Request, caller: CurrentPrincipal, kind: Kind, name: Name, why: Reason
) -> list[Gate]:
    fleet = _service(request).fleet
    return await fleet.pause(caller, kind.removesuffix("s"), name, why.reason)


@router.post(
    "/{kind}/{name}/resume",
    tags=["fleet"],
    summary="Let a site or a pool go on",
    responses=_GATE,
)
async def resume_gate(
    request: Request, caller: CurrentPrincipal, kind: Kind, name: Name
) -> list[Gate]:
    return await _service(request).fleet.resume(caller, kind.removesuffix("s"), name)


@router.put(
    "/shares/{owner}",
    tags=["fleet"],
    status_code=204,
    summary="How much of the fleet a person gets, in relation to others",
    responses=problems(ScopeMissing),
)
async def set_share(
    request: Request, caller: CurrentPrincipal, owner: Name, wish: ShareWish
) -> None:
    await _service(request).fleet.set_weight(caller, owner, wish.weight)
