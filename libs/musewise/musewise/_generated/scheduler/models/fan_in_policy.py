from typing import Literal

FanInPolicy = Literal["all", "at_least", "listed"]

FAN_IN_POLICY_VALUES: set[FanInPolicy] = {
    "all",
    "at_least",
    "listed",
}


def check_fan_in_policy(value: str) -> FanInPolicy:
    if value in FAN_IN_POLICY_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {FAN_IN_POLICY_VALUES!r}"
    )
