from typing import Literal

ListFramesKindType0 = Literal["log", "product", "raw", "static"]

LIST_FRAMES_KIND_TYPE_0_VALUES: set[ListFramesKindType0] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_list_frames_kind_type_0(value: str) -> ListFramesKindType0:
    if value in LIST_FRAMES_KIND_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_FRAMES_KIND_TYPE_0_VALUES!r}"
    )
