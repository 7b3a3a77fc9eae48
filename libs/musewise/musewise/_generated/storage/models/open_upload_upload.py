from typing import Literal

OpenUploadUpload = Literal["link", "put"]

OPEN_UPLOAD_UPLOAD_VALUES: set[OpenUploadUpload] = {
    "link",
    "put",
}


def check_open_upload_upload(value: str) -> OpenUploadUpload:
    if value in OPEN_UPLOAD_UPLOAD_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {OPEN_UPLOAD_UPLOAD_VALUES!r}"
    )
