from typing import Literal

GetTableDirection = Literal["down", "up"]

GET_TABLE_DIRECTION_VALUES: set[GetTableDirection] = {
    "down",
    "up",
}


def check_get_table_direction(value: str) -> GetTableDirection:
    if value in GET_TABLE_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_TABLE_DIRECTION_VALUES!r}"
    )
