from typing import Literal

TaskState = Literal[
    "BLOCKED",
    "CANCELLED",
    "DONE",
    "FAILED",
    "PLANNED",
    "QUEUED",
    "READY",
    "RUNNING",
    "WAITING",
]

TASK_STATE_VALUES: set[TaskState] = {
    "BLOCKED",
    "CANCELLED",
    "DONE",
    "FAILED",
    "PLANNED",
    "QUEUED",
    "READY",
    "RUNNING",
    "WAITING",
}


def check_task_state(value: str) -> TaskState:
    if value in TASK_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {TASK_STATE_VALUES!r}"
    )
