from typing import Literal

EditIsValidType0 = Literal["no", "proposed", "unknown", "yes"]

EDIT_IS_VALID_TYPE_0_VALUES: set[EditIsValidType0] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_edit_is_valid_type_0(value: str) -> EditIsValidType0:
    if value in EDIT_IS_VALID_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EDIT_IS_VALID_TYPE_0_VALUES!r}"
    )
