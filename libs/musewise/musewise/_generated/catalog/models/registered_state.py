from typing import Literal

RegisteredState = Literal["known", "refused", "registered"]

REGISTERED_STATE_VALUES: set[RegisteredState] = {
    "known",
    "refused",
    "registered",
}


def check_registered_state(value: str) -> RegisteredState:
    if value in REGISTERED_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REGISTERED_STATE_VALUES!r}"
    )
