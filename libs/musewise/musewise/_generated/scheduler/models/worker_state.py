from typing import Literal

WorkerState = Literal["ACTIVE", "CORDONED", "DRAINING", "GONE", "PAUSED"]

WORKER_STATE_VALUES: set[WorkerState] = {
    "ACTIVE",
    "CORDONED",
    "DRAINING",
    "GONE",
    "PAUSED",
}


def check_worker_state(value: str) -> WorkerState:
    if value in WORKER_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {WORKER_STATE_VALUES!r}"
    )
