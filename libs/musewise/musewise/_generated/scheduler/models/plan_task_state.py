from typing import Literal

PlanTaskState = Literal["build", "failed", "reuse", "running"]

PLAN_TASK_STATE_VALUES: set[PlanTaskState] = {
    "build",
    "failed",
    "reuse",
    "running",
}


def check_plan_task_state(value: str) -> PlanTaskState:
    if value in PLAN_TASK_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {PLAN_TASK_STATE_VALUES!r}"
    )
