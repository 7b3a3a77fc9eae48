from typing import Any

from musewise.calls import Call

from ...models.new_upload import NewUpload
from ...models.open_upload import OpenUpload


def open_upload(
    *,
    body: NewUpload,
) -> Call[OpenUpload]:
    """Begin an upload

    Then PUT the bytes (unless `upload` is `link`) and commit.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> OpenUpload:
        response_201 = OpenUpload.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/storage/uploads",
        parse,
        **_kwargs,
    )
