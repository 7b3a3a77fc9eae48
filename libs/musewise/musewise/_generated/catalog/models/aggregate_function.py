from typing import Literal

AggregateFunction = Literal["count", "max", "mean", "median", "min", "stddev"]

AGGREGATE_FUNCTION_VALUES: set[AggregateFunction] = {
    "count",
    "max",
    "mean",
    "median",
    "min",
    "stddev",
}


def check_aggregate_function(value: str) -> AggregateFunction:
    if value in AGGREGATE_FUNCTION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {AGGREGATE_FUNCTION_VALUES!r}"
    )
