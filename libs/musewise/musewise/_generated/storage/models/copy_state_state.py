from typing import Literal

CopyStateState = Literal["bad", "good", "replaced"]

COPY_STATE_STATE_VALUES: set[CopyStateState] = {
    "bad",
    "good",
    "replaced",
}


def check_copy_state_state(value: str) -> CopyStateState:
    if value in COPY_STATE_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {COPY_STATE_STATE_VALUES!r}"
    )
