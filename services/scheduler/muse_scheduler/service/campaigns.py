"""Plan many nights at once: a job for each, stored night by night.

Every night is a transaction. When the service dies, whole nights are there; the same
campaign, asked for again, goes on with the nights that are not. Processes of their own
plan and store side by side, each a stretch of nights, so that the service goes on
answering; what they store, they store one after the other (`graph_change`).
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple
from uuid import UUID, uuid5

from muse_scheduler.models import CampaignNight, Outline, PlanRequest, Versions
from muse_scheduler.rules import NothingSelected, Planner
from muse_scheduler.service.accepting import look_up
from muse_scheduler.service.access import place_of, require_project, visible_projects
from muse_scheduler.service.context import Context, Policy
from muse_scheduler.service.planning import Planning, owned, require_target
from muse_scheduler.store import FrameStore, JobStore
from musecore.db import Database
from musecore.identity import Principal
from musecore.muse.schema import load
from musecore.times import uuid7

PROCESSES = 2
STRETCH = 5
"""Nights that a process is given at a time."""


@dataclass(frozen=True)
class Stretch:
    """What a process needs to plan some nights, and to store them if it shall."""

    dsn: str
    schema: str
    versions: Versions
    policy: Policy
    principal: Principal
    campaign_id: UUID
    request: PlanRequest
    nights: tuple[str, ...]
    store: bool = True


class Campaigns:
    """Turns a request over many nights into one job for each."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def accept(
        self,
        principal: Principal,
        campaign_id: UUID,
        request: PlanRequest,
        nights: Sequence[str],
    ) -> AsyncIterator[CampaignNight]:
        """Plan and accept night after night; give what became of each.

        Parameters
        ----------
        campaign_id
            Chosen by the caller. A night that has its job is not planned again.
        request
            Without a night of its own. Exposures are not combined over nights.
        nights
            ISO dates. One in which nothing is selected becomes no job.

        Raises
        ------
        ProjectNotFound, UnknownTarget, AddressRefused, MuseError
            The request is wrong; nothing is stored then.
        """
        request = await self._checked(principal, request)
        async with self._context.database.begin() as tx:
            done = await JobStore(tx).known([job_of(campaign_id, n) for n in nights])
        for night in nights:
            job_id = job_of(campaign_id, night)
            if job_id in done:
                yield CampaignNight(night=night, job_id=job_id, tasks=0, new=False)
        left = [n for n in nights if job_of(campaign_id, n) not in done]
        whole = self._stretch(principal, campaign_id, request, left)
        async for made in _side_by_side(whole):
            yield made

    async def preview(
        self, principal: Principal, request: PlanRequest, nights: Sequence[str]
    ) -> AsyncIterator[CampaignNight]:
        """Plan night after night and store nothing; give what would become of each.

        What the nights share is counted in each of them.

        Raises
        ------
        ProjectNotFound, UnknownTarget, AddressRefused, MuseError
            The request is wrong.
        """
        request = await self._checked(principal, request)
        whole = self._stretch(principal, uuid7(), request, nights)
        async for shown in _side_by_side(replace(whole, store=False)):
            yield shown

    async def _checked(self, principal: Principal, request: PlanRequest) -> PlanRequest:
        request = owned(principal, request)
        require_project(principal, request.project)
        self._context.addresses.check(request.notify)
        if request.target is not None:
            async with self._context.database.begin() as tx:
                visible = visible_projects(principal)
                known = await FrameStore(tx).target_names(visible)
            require_target(request.target, known)
        return request

    def _stretch(
        self,
        principal: Principal,
        campaign_id: UUID,
        request: PlanRequest,
        nights: Sequence[str],
    ) -> Stretch:
        context = self._context
        return Stretch(
            dsn=context.database.dsn,
            schema=context.database.schema,
            versions=context.versions,
            policy=context.policy,
            principal=principal,
            campaign_id=campaign_id,
            request=request,
            nights=tuple(nights),
        )


async def _side_by_side(whole: Stretch) -> AsyncIterator[CampaignNight]:
    """Let processes of their own work on some nights each."""
    nights = whole.nights
    stretches = [
        replace(whole, nights=nights[n : n + STRETCH])
        for n in range(0, len(nights), STRETCH)
    ]
    if not stretches:
        return
    loop = asyncio.get_running_loop()
    fresh = multiprocessing.get_context("spawn")
    count = min(PROCESSES, len(stretches))
    pool = ProcessPoolExecutor(count, mp_context=fresh)
    try:
        asked = [loop.run_in_executor(pool, work, one) for one in stretches]
        for answer in asked:
            for made in await answer:
                yield made
    finally:  # whoever asked may have gone: the service does not wait for the rest
        pool.shutdown(wait=False, cancel_futures=True)


def job_of(campaign_id: UUID, night: str) -> UUID:
    """Give the id of the job of a night of a campaign."""
    return uuid5(campaign_id, night)


def work(stretch: Stretch) -> list[CampaignNight]:
    """Plan and store a stretch; runs in a process of its own."""
    gc.set_threshold(100_000, 50, 50)  # plans are trees that live for one night
    return _runner().run(_work(stretch))


@cache
def _runner() -> asyncio.Runner:
    """Give the event loop of this process; its connection serves every stretch."""
    return asyncio.Runner()


class _Desk(NamedTuple):
    """What a process works with, made once for a campaign."""

    context: Context
    planner: Planner


_desks: dict[UUID, _Desk] = {}


async def _work(stretch: Stretch) -> list[CampaignNight]:
    context, planner = await _desk(stretch)
    return [await _night(context, stretch, planner, night) for night in stretch.nights]


async def _desk(stretch: Stretch) -> _Desk:
    if stretch.campaign_id not in _desks:
        database = Database(stretch.dsn, stretch.schema, pool_size=1)
        context = Context(database, load(), stretch.versions, stretch.policy)
        planner = await _planner(context, stretch)
        _desks[stretch.campaign_id] = _Desk(context, planner)
        gc.collect()
        gc.freeze()
    return _desks[stretch.campaign_id]


async def _planner(context: Context, stretch: Stretch) -> Planner:
    async with context.database.begin() as tx:
        visible = visible_projects(stretch.principal)
        frames = await FrameStore(tx).visible(visible)
    return Planner(frames, context.model, context.versions)


async def _night(
    context: Context, stretch: Stretch, planner: Planner, night: str
) -> CampaignNight:
    request = stretch.request.model_copy(update={"night": night})
    outline: Outline | None = None
    with suppress(NothingSelected):
        outline = planner.outline(request)
    if outline is None or not outline.runnable:
        why = outline.not_runnable_because if outline else ("nothing is selected",)
        return CampaignNight(night=night, tasks=0, new=False, why_not=why)
    if not stretch.store:
        return await _shown(context, stretch, outline, night)
    job_id = await Planning(context).accept_outline(
        stretch.principal,
        request,
        outline,
        job_id=job_of(stretch.campaign_id, night),
    )
    return CampaignNight(night=night, job_id=job_id, tasks=outline.count, new=True)


async def _shown(
    context: Context, stretch: Stretch, outline: Outline, night: str
) -> CampaignNight:
    async with context.database.begin() as tx:
        visible = visible_projects(stretch.principal)
        place = place_of(stretch.principal, stretch.request)
        existing = await look_up(tx, outline, place, visible)
    run = [unit for unit, _, key in outline.tasks() if key in existing.running]
    return CampaignNight(
        night=night,
        tasks=outline.count,
        new=bool(run),
        to_run=dict(Counter(unit.recipe for unit in run)),
        est_s=sum(unit.est_s for unit in run),
    )
