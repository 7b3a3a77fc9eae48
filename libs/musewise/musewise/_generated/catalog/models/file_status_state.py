from typing import Literal

FileStatusState = Literal["pending", "refused", "registered"]

FILE_STATUS_STATE_VALUES: set[FileStatusState] = {
    "pending",
    "refused",
    "registered",
}


def check_file_status_state(value: str) -> FileStatusState:
    if value in FILE_STATUS_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {FILE_STATUS_STATE_VALUES!r}"
    )
