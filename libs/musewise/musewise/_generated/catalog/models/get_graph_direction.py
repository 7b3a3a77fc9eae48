from typing import Literal

GetGraphDirection = Literal["down", "up"]

GET_GRAPH_DIRECTION_VALUES: set[GetGraphDirection] = {
    "down",
    "up",
}


def check_get_graph_direction(value: str) -> GetGraphDirection:
    if value in GET_GRAPH_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_GRAPH_DIRECTION_VALUES!r}"
    )
