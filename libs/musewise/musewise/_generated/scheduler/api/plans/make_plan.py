from typing import Any

from musewise.calls import Call

from ...models.plan import Plan
from ...models.plan_request import PlanRequest


def make_plan(
    *,
    body: PlanRequest,
) -> Call[Plan]:
    """Say what would be built, from what, why, and how long it takes"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Plan:
        response_200 = Plan.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/plans",
        parse,
        **_kwargs,
    )
