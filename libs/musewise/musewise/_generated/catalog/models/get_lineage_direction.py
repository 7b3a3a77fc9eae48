from typing import Literal

GetLineageDirection = Literal["down", "up"]

GET_LINEAGE_DIRECTION_VALUES: set[GetLineageDirection] = {
    "down",
    "up",
}


def check_get_lineage_direction(value: str) -> GetLineageDirection:
    if value in GET_LINEAGE_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_LINEAGE_DIRECTION_VALUES!r}"
    )
