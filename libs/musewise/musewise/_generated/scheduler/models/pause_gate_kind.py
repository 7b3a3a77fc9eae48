from typing import Literal

PauseGateKind = Literal["pools", "sites"]

PAUSE_GATE_KIND_VALUES: set[PauseGateKind] = {
    "pools",
    "sites",
}


def check_pause_gate_kind(value: str) -> PauseGateKind:
    if value in PAUSE_GATE_KIND_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {PAUSE_GATE_KIND_VALUES!r}"
    )
