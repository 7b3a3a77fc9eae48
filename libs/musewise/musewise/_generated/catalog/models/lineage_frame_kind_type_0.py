from typing import Literal

LineageFrameKindType0 = Literal["log", "product", "raw", "static"]

LINEAGE_FRAME_KIND_TYPE_0_VALUES: set[LineageFrameKindType0] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_lineage_frame_kind_type_0(value: str) -> LineageFrameKindType0:
    if value in LINEAGE_FRAME_KIND_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LINEAGE_FRAME_KIND_TYPE_0_VALUES!r}"
    )
