from typing import Literal

FrameKind = Literal["log", "product", "raw", "static"]

FRAME_KIND_VALUES: set[FrameKind] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_frame_kind(value: str) -> FrameKind:
    if value in FRAME_KIND_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {FRAME_KIND_VALUES!r}"
    )
