from typing import Literal

StoredFileKindType0 = Literal["log", "product", "raw", "static"]

STORED_FILE_KIND_TYPE_0_VALUES: set[StoredFileKindType0] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_stored_file_kind_type_0(value: str) -> StoredFileKindType0:
    if value in STORED_FILE_KIND_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {STORED_FILE_KIND_TYPE_0_VALUES!r}"
    )
