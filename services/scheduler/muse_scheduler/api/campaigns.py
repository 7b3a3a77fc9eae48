"""Campaigns in HTTP: answers come night by night, a line of JSON each."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from muse_scheduler.models import Campaign, CampaignNight, CampaignRequest
from muse_scheduler.rules import AddressRefused
from muse_scheduler.service import SchedulerService
from muse_scheduler.service.planning import UnknownTarget
from musecore.errors import MuseError, ProjectNotFound, problem_of
from musecore.log import correlation_id, get_logger
from musecore.web import CurrentPrincipal, problems

router = APIRouter(tags=["campaigns"])
log = get_logger(__name__)

_ASKED = problems(ProjectNotFound, UnknownTarget, AddressRefused)
_LINES = "application/x-ndjson"
_HOW = (
    "Lines of JSON: a night each, in the order in which they are done, or, as the last "
    'line, `{"problem": …}` where it broke off.'
)


def _service(request: Request) -> SchedulerService:
    service: SchedulerService = request.app.state.service
    return service


@router.post(
    "/campaigns/preview",
    summary="Say what would run in each of many nights",
    description=_HOW,
    responses=_ASKED,
    response_class=StreamingResponse,
)
async def preview_campaign(
    request: Request, caller: CurrentPrincipal, wanted: CampaignRequest
) -> StreamingResponse:
    campaigns = _service(request).campaigns
    return await _lines(campaigns.preview(caller, wanted.request, wanted.dates))


@router.post(
    "/campaigns",
    summary="Build it in many nights, a job for each",
    description=f"{_HOW} The same `campaign_id` again goes on with what is left.",
    responses=_ASKED,
    response_class=StreamingResponse,
)
async def make_campaign(
    request: Request, caller: CurrentPrincipal, wanted: Campaign
) -> StreamingResponse:
    campaigns = _service(request).campaigns
    return await _lines(
        campaigns.accept(caller, wanted.campaign_id, wanted.request, wanted.dates)
    )


async def _lines(nights: AsyncIterator[CampaignNight]) -> StreamingResponse:
    """Answer line by line; what is wrong with the request is still an error."""
    first = await anext(nights, None)
    return StreamingResponse(_written(first, nights), media_type=_LINES)


async def _written(
    first: CampaignNight | None, others: AsyncIterator[CampaignNight]
) -> AsyncIterator[str]:
    if first is not None:
        yield first.model_dump_json() + "\n"
    try:
        async for night in others:
            yield night.model_dump_json() + "\n"
    except MuseError as error:
        log.warning("campaign broken off", code=error.code, detail=error.detail)
        problem = problem_of(error, correlation_id()).model_dump_json()
        yield f'{{"problem": {problem}}}\n'
