from typing import Literal

SaidIsValid = Literal["no", "proposed", "unknown", "yes"]

SAID_IS_VALID_VALUES: set[SaidIsValid] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_said_is_valid(value: str) -> SaidIsValid:
    if value in SAID_IS_VALID_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SAID_IS_VALID_VALUES!r}"
    )
