from typing import Literal

GetSetsKindType0 = Literal["log", "product", "raw", "static"]

GET_SETS_KIND_TYPE_0_VALUES: set[GetSetsKindType0] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_get_sets_kind_type_0(value: str) -> GetSetsKindType0:
    if value in GET_SETS_KIND_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_SETS_KIND_TYPE_0_VALUES!r}"
    )
