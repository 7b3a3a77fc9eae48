from typing import Literal

ResumeGateKind = Literal["pools", "sites"]

RESUME_GATE_KIND_VALUES: set[ResumeGateKind] = {
    "pools",
    "sites",
}


def check_resume_gate_kind(value: str) -> ResumeGateKind:
    if value in RESUME_GATE_KIND_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {RESUME_GATE_KIND_VALUES!r}"
    )
