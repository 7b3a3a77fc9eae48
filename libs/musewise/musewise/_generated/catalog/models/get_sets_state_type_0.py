from typing import Literal

GetSetsStateType0 = Literal["EVICTED", "METADATA_ONLY", "STORED"]

GET_SETS_STATE_TYPE_0_VALUES: set[GetSetsStateType0] = {
    "EVICTED",
    "METADATA_ONLY",
    "STORED",
}


def check_get_sets_state_type_0(value: str) -> GetSetsStateType0:
    if value in GET_SETS_STATE_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_SETS_STATE_TYPE_0_VALUES!r}"
    )
