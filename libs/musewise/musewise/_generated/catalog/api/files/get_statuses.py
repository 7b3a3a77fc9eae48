from typing import Any

from musewise.calls import Call

from ...models.file_status import FileStatus
from ...models.file_status_request import FileStatusRequest


def get_statuses(
    *,
    body: FileStatusRequest,
) -> Call[list[FileStatus]]:
    """What the catalogue has made of stored files"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[FileStatus]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = FileStatus.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/catalog/files/status",
        parse,
        **_kwargs,
    )
