from typing import Literal

ListFramesStateType0 = Literal["EVICTED", "METADATA_ONLY", "STORED"]

LIST_FRAMES_STATE_TYPE_0_VALUES: set[ListFramesStateType0] = {
    "EVICTED",
    "METADATA_ONLY",
    "STORED",
}


def check_list_frames_state_type_0(value: str) -> ListFramesStateType0:
    if value in LIST_FRAMES_STATE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_FRAMES_STATE_TYPE_0_VALUES!r}"
    )
