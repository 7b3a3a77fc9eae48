from typing import Literal

FrameIsValid = Literal["no", "proposed", "unknown", "yes"]

FRAME_IS_VALID_VALUES: set[FrameIsValid] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_frame_is_valid(value: str) -> FrameIsValid:
    if value in FRAME_IS_VALID_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {FRAME_IS_VALID_VALUES!r}"
    )
