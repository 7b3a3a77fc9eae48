from typing import Any

from musewise.calls import Call

from ...models.job import Job
from ...models.plan_request import PlanRequest
from ...models.plan_to_accept import PlanToAccept


def make_job(
    *,
    body: PlanRequest | PlanToAccept,
) -> Call[Job]:
    """Build it: from a request, or from a plan that was shown"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}

    if isinstance(body, PlanToAccept):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Job:
        response_201 = Job.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/scheduler/jobs",
        parse,
        **_kwargs,
    )
