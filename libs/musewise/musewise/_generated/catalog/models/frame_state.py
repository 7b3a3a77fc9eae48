from typing import Literal

FrameState = Literal["EVICTED", "METADATA_ONLY", "STORED"]

FRAME_STATE_VALUES: set[FrameState] = {
    "EVICTED",
    "METADATA_ONLY",
    "STORED",
}


def check_frame_state(value: str) -> FrameState:
    if value in FRAME_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {FRAME_STATE_VALUES!r}"
    )
