from typing import Literal

ListFramesIsValidType0 = Literal["no", "proposed", "unknown", "yes"]

LIST_FRAMES_IS_VALID_TYPE_0_VALUES: set[ListFramesIsValidType0] = {
    "no",
    "proposed",
    "unknown",
    "yes",
}


def check_list_frames_is_valid_type_0(value: str) -> ListFramesIsValidType0:
    if value in LIST_FRAMES_IS_VALID_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_FRAMES_IS_VALID_TYPE_0_VALUES!r}"
    )
