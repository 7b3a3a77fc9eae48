from typing import Literal

NewUploadKindType0 = Literal["log", "product", "raw", "static"]

NEW_UPLOAD_KIND_TYPE_0_VALUES: set[NewUploadKindType0] = {
    "log",
    "product",
    "raw",
    "static",
}


def check_new_upload_kind_type_0(value: str) -> NewUploadKindType0:
    if value in NEW_UPLOAD_KIND_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {NEW_UPLOAD_KIND_TYPE_0_VALUES!r}"
    )
