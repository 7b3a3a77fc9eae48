from typing import Literal

OrderWorkerOrder = Literal["cordon", "drain", "pause", "resume", "uncordon"]

ORDER_WORKER_ORDER_VALUES: set[OrderWorkerOrder] = {
    "cordon",
    "drain",
    "pause",
    "resume",
    "uncordon",
}


def check_order_worker_order(value: str) -> OrderWorkerOrder:
    if value in ORDER_WORKER_ORDER_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ORDER_WORKER_ORDER_VALUES!r}"
    )
