from typing import Literal

JobState = Literal["BLOCKED", "CANCELLED", "DONE", "FAILED", "PLANNED", "RUNNING"]

JOB_STATE_VALUES: set[JobState] = {
    "BLOCKED",
    "CANCELLED",
    "DONE",
    "FAILED",
    "PLANNED",
    "RUNNING",
}


def check_job_state(value: str) -> JobState:
    if value in JOB_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {JOB_STATE_VALUES!r}")
