from typing import Literal

GetLineageTableDirection = Literal["down", "up"]

GET_LINEAGE_TABLE_DIRECTION_VALUES: set[GetLineageTableDirection] = {
    "down",
    "up",
}


def check_get_lineage_table_direction(value: str) -> GetLineageTableDirection:
    if value in GET_LINEAGE_TABLE_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_LINEAGE_TABLE_DIRECTION_VALUES!r}"
    )
