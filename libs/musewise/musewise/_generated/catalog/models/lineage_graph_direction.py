from typing import Literal

LineageGraphDirection = Literal["down", "up"]

LINEAGE_GRAPH_DIRECTION_VALUES: set[LineageGraphDirection] = {
    "down",
    "up",
}


def check_lineage_graph_direction(value: str) -> LineageGraphDirection:
    if value in LINEAGE_GRAPH_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LINEAGE_GRAPH_DIRECTION_VALUES!r}"
    )
