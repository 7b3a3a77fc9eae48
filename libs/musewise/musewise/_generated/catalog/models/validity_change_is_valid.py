from typing import Literal

ValidityChangeIsValid = Literal["no", "proposed", "unknown", "yes"]

VALIDITY_CHANGE_IS_VALID_VALUES: set[ValidityChangeIsValid] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_validity_change_is_valid(value: str) -> ValidityChangeIsValid:
    if value in VALIDITY_CHANGE_IS_VALID_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {VALIDITY_CHANGE_IS_VALID_VALUES!r}"
    )
