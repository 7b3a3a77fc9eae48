from typing import Literal

PlanRequestPriority = Literal["interactive", "night", "reprocessing"]

PLAN_REQUEST_PRIORITY_VALUES: set[PlanRequestPriority] = {
    "interactive",
    "night",
    "reprocessing",
}


def check_plan_request_priority(value: str) -> PlanRequestPriority:
    if value in PLAN_REQUEST_PRIORITY_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {PLAN_REQUEST_PRIORITY_VALUES!r}"
    )
