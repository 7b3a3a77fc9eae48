from typing import Literal

LineageFrameIsValid = Literal["no", "proposed", "unknown", "yes"]

LINEAGE_FRAME_IS_VALID_VALUES: set[LineageFrameIsValid] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_lineage_frame_is_valid(value: str) -> LineageFrameIsValid:
    if value in LINEAGE_FRAME_IS_VALID_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LINEAGE_FRAME_IS_VALID_VALUES!r}"
    )
