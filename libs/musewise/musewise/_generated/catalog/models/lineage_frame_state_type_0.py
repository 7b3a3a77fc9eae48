from typing import Literal

LineageFrameStateType0 = Literal["EVICTED", "METADATA_ONLY", "STORED"]

LINEAGE_FRAME_STATE_TYPE_0_VALUES: set[LineageFrameStateType0] = {
    "EVICTED",
    "METADATA_ONLY",
    "STORED",
}


def check_lineage_frame_state_type_0(value: str) -> LineageFrameStateType0:
    if value in LINEAGE_FRAME_STATE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LINEAGE_FRAME_STATE_TYPE_0_VALUES!r}"
    )
