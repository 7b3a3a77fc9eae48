from typing import Literal

ValidityEntryIsValid = Literal["no", "proposed", "unknown", "yes"]

VALIDITY_ENTRY_IS_VALID_VALUES: set[ValidityEntryIsValid] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_validity_entry_is_valid(value: str) -> ValidityEntryIsValid:
    if value in VALIDITY_ENTRY_IS_VALID_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {VALIDITY_ENTRY_IS_VALID_VALUES!r}"
    )
