"""Plan: what would be built, what is used again, why, and how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from uuid import UUID

from muse_scheduler.models import (
    Outline,
    Plan,
    PlannedUnit,
    PlanRequest,
    PlanTask,
    PlanTaskState,
    RecipeSummary,
    TaskState,
)
from muse_scheduler.rules import outline as outlined
from muse_scheduler.service.accepting import look_up, put_in_place
from muse_scheduler.service.access import (
    place_of,
    require_project,
    visible_projects,
    without_secrets,
)
from muse_scheduler.service.context import Context
from muse_scheduler.service.lookups import PlanNotFound
from muse_scheduler.service.planting import Existing, Planting
from muse_scheduler.service.release import graph_change
from muse_scheduler.service.trials import said_of_trial
from muse_scheduler.store import (
    FrameStore,
    JobStore,
    KeptJob,
    KeptPlan,
    KeptTask,
    RecipeCost,
    UnitStore,
)
from musecore.db import Transaction
from musecore.errors import NotFound, Refused
from musecore.identity import Principal
from musecore.times import utcnow, uuid7

_RUNNING = frozenset(
    {
        TaskState.PLANNED,
        TaskState.WAITING,
        TaskState.READY,
        TaskState.QUEUED,
        TaskState.RUNNING,
    }
)
_FAILED = frozenset({TaskState.FAILED, TaskState.BLOCKED})
_NAMES_SHOWN = 3


class UnknownTarget(NotFound):
    """No visible frame carries the target name."""

    code = "unknown_target"


class PlanNotRunnable(Refused):
    """The plan lacks something, so it cannot become a job."""

    code = "plan_not_runnable"


class Planning:
    """Makes plans, and turns them into jobs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def preview(self, principal: Principal, request: PlanRequest) -> Plan:
        """Plan a request and keep the plan, so that it can be accepted as shown.

        Raises
        ------
        ProjectNotFound, UnknownTarget, AddressRefused, MuseError
            The request is wrong; nothing is stored then.
        """
        request = owned(principal, request)
        outline = await self._outline(principal, request)
        async with self._context.database.begin() as tx:
            kept = KeptPlan(
                plan_id=uuid7(),
                owner=request.owner,
                project=place_of(principal, request),
                request=request,
                outline=outline,
            )
            await JobStore(tx).put_plan(kept)
            return await self._shown(tx, principal, kept)

    async def accept(self, principal: Principal, request: PlanRequest) -> UUID:
        """Plan a request and make it a job; give the job's id.

        Raises
        ------
        PlanNotRunnable
            Something is missing.
        """
        request = owned(principal, request)
        outline = await self._outline(principal, request)
        return await self._accept(principal, request, outline, None)

    async def accept_plan(self, principal: Principal, plan_id: UUID) -> UUID:
        """Make a plan a job, exactly as it was shown; give the job's id."""
        async with self._context.database.begin() as tx:
            kept = await JobStore(tx).plan(plan_id, visible_projects(principal))
        if kept is None:
            raise PlanNotFound(f"There is no plan {plan_id}.", hint="Plan again.")
        return await self._accept(principal, kept.request, kept.outline, plan_id)

    async def accept_outline(
        self,
        principal: Principal,
        request: PlanRequest,
        outline: Outline,
        *,
        job_id: UUID,
    ) -> UUID:
        """Make a plan a job of this id, as it is."""
        return await self._accept(principal, request, outline, None, job_id)

    async def _accept(
        self,
        principal: Principal,
        request: PlanRequest,
        outline: Outline,
        plan_id: UUID | None,
        job_id: UUID | None = None,
    ) -> UUID:
        _require_runnable(outline)
        projects = visible_projects(principal)
        fan_in = request.fan_in
        job = KeptJob(
            job_id=job_id or uuid7(),
            owner=request.owner,
            project=place_of(principal, request),
            projects=None if projects is None else tuple(sorted(projects)),
            request=request,
            at_least=fan_in.k if fan_in.policy == "at_least" else None,
            created=utcnow(),
            cancelled_at=None,
            priority=request.rank,
        )
        prepared = await self._prepared(job, outline)
        async with graph_change(self._context) as tx:
            jobs = JobStore(tx)
            await jobs.add(job, plan_id)
            await jobs.put_graph(job.job_id, outline, "accepted")
            await put_in_place(self._context, tx, job, outline, prepared=prepared)
            for warning in outline.warnings:
                await jobs.say([job.job_id], warning)
            if request.trial:
                days, is_new = self._context.policy.trial_days, bool(prepared.born)
                said = said_of_trial(job.created, days, is_new=is_new)
                await jobs.say([job.job_id], said)
        return job.job_id

    async def _prepared(self, job: KeptJob, outline: Outline) -> Planting:
        """Do what needs no turn: keep the units, which never change; write the rows."""
        async with self._context.database.begin() as tx:
            await UnitStore(tx).add(outline.units)
            existing = await look_up(tx, outline, job.project, job.projects)
        return Planting(self._context, job, outline, existing).prepare()

    async def _outline(self, principal: Principal, request: PlanRequest) -> Outline:
        require_project(principal, request.project)
        self._context.addresses.check(request.notify)
        projects = visible_projects(principal)
        async with self._context.database.begin() as tx:
            store = FrameStore(tx)
            if request.target is not None:
                require_target(request.target, await store.target_names(projects))
            frames = await store.visible(projects)
        model, versions = self._context.model, self._context.versions
        return await asyncio.to_thread(outlined, request, frames, model, versions)

    async def _shown(
        self, tx: Transaction, principal: Principal, kept: KeptPlan
    ) -> Plan:
        projects = visible_projects(principal)
        existing = await look_up(tx, kept.outline, kept.project, projects)
        recipes = {unit.recipe for unit in kept.outline.units}
        costs = await JobStore(tx).costs(recipes)
        tasks = [
            _plan_task(unit, ifu, existing, costs)
            for unit, ifu, _ in kept.outline.tasks()
        ]
        return Plan(
            plan_id=kept.plan_id,
            request=without_secrets(kept.request),
            products=tuple(sorted({target.tag for target in kept.outline.targets})),
            recipes=_summaries(kept.outline, tasks, costs),
            tasks=tuple(tasks),
            choices=kept.outline.choices,
            warnings=kept.outline.warnings,
            missing=kept.outline.missing,
            estimated_s=_estimate(kept.outline, tasks, self._context.policy.slots),
            runnable=kept.outline.runnable,
            not_runnable_because=kept.outline.not_runnable_because,
        )


def owned(principal: Principal, request: PlanRequest) -> PlanRequest:
    """Say who asks: only our own services may speak for somebody else."""
    if principal.is_service and request.owner:
        return request
    return request.model_copy(update={"owner": principal.name})


def require_target(name: str, known: Sequence[str]) -> None:
    """Refuse a target that no visible frame carries; names those that are like it."""
    if name in known:
        return
    near = get_close_matches(name, known, n=_NAMES_SHOWN, cutoff=0.5)
    by_case = [other for other in known if other.lower() == name.lower()]
    names = list(dict.fromkeys((*by_case, *near)))[:_NAMES_SHOWN]
    meant = f"Did you mean {' or '.join(map(repr, names))}? " if names else ""
    raise UnknownTarget(
        f"No frame that you may see has the target {name!r}.",
        hint=f"{meant}See: musewise ls --tag OBJECT",
        loc=("body", "target"),
    )


def _require_runnable(outline: Outline) -> None:
    if outline.runnable:
        return
    hints = dict.fromkeys(entry.hint for entry in outline.missing)
    raise PlanNotRunnable(
        f"The plan cannot run: {'; '.join(outline.not_runnable_because)}.",
        hint=" ".join(hints) or None,
    )


def _plan_task(
    unit: PlannedUnit,
    ifu: int | None,
    existing: Existing,
    costs: Mapping[str, RecipeCost],
) -> PlanTask:
    key = unit.key_of[ifu]
    state, reason = _state(key, existing)
    cost = costs.get(unit.recipe)
    return PlanTask(
        key=key,
        recipe=unit.recipe,
        ifu=ifu,
        group=unit.group,
        state=state,
        reason=reason,
        est_s=unit.est_s if cost is None else cost.wall_s,
    )


def _state(key: str, existing: Existing) -> tuple[PlanTaskState, str]:
    known = existing.tasks.get(key)
    if key not in existing.running:
        return "reuse", _why_reused(key, known)
    if known is None:
        return "build", "nothing with this recipe, these parameters and inputs exists"
    if known.state in _RUNNING:
        return "running", f"task {known.task_id} of another job: {known.state}"
    if known.state in _FAILED:
        return "failed", f"task {known.task_id} is {known.state}: {known.reason}"
    if known.state is TaskState.DONE:
        return "build", "its bytes were dropped and are needed again"
    return "build", f"task {known.task_id} was cancelled"


def _why_reused(key: str, known: KeptTask | None) -> str:
    if known is None or known.state is not TaskState.DONE:
        return "not needed: what is made of it exists"
    when = "" if known.ended is None else f" on {known.ended:%Y-%m-%d %H:%M} UT"
    return (
        f"made{when} by task {known.task_id}: same recipe, parameters, software "
        f"and inputs (key {key[:12]})"
    )


def _summaries(
    outline: Outline, tasks: Sequence[PlanTask], costs: Mapping[str, RecipeCost]
) -> tuple[RecipeSummary, ...]:
    memory = {unit.recipe: 0 for unit in outline.units}
    for unit in outline.units:
        memory[unit.recipe] = max(memory[unit.recipe], unit.memory_mb)
    summaries = []
    for recipe, planned_mb in memory.items():
        own = [task for task in tasks if task.recipe == recipe]
        states = [task.state for task in own]
        cost = costs.get(recipe)
        learned = None if cost is None else cost.max_rss_mb
        summaries.append(
            RecipeSummary(
                recipe=recipe,
                tasks=len(own),
                reuse=states.count("reuse"),
                build=states.count("build") + states.count("failed"),
                waiting=states.count("running"),
                est_s=sum(task.est_s for task in own if task.state != "reuse"),
                est_mem_mb=planned_mb if learned is None else round(learned),
            )
        )
    return tuple(summaries)


def _estimate(outline: Outline, tasks: Sequence[PlanTask], slots: int) -> float:
    """Seconds of wall time: the longest chain, or all work spread over the slots."""
    cost = {t.key: 0.0 if t.state == "reuse" else t.est_s for t in tasks}
    chain: dict[str, float] = {}
    for unit, ifu, key in outline.tasks():
        parents = unit.parents(ifu, outline.by_id)
        before = max((chain[parent] for parent in parents), default=0.0)
        chain[key] = before + cost[key]
    longest = max(chain.values(), default=0.0)
    return max(longest, sum(cost.values()) / max(1, slots))
