from typing import Literal

RowToRegisterKind = Literal["log", "product", "raw", "static"]

ROW_TO_REGISTER_KIND_VALUES: set[RowToRegisterKind] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_row_to_register_kind(value: str) -> RowToRegisterKind:
    if value in ROW_TO_REGISTER_KIND_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ROW_TO_REGISTER_KIND_VALUES!r}"
    )
