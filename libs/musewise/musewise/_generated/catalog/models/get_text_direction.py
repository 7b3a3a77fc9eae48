from typing import Literal

GetTextDirection = Literal["down", "up"]

GET_TEXT_DIRECTION_VALUES: set[GetTextDirection] = {
    "down",
    "up",
}


def check_get_text_direction(value: str) -> GetTextDirection:
    if value in GET_TEXT_DIRECTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_TEXT_DIRECTION_VALUES!r}"
    )
