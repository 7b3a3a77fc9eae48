from typing import Literal

StoredFileState = Literal["EVICTED", "STORED"]

STORED_FILE_STATE_VALUES: set[StoredFileState] = {
    "EVICTED",
    "STORED",
}


def check_stored_file_state(value: str) -> StoredFileState:
    if value in STORED_FILE_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {STORED_FILE_STATE_VALUES!r}"
    )
