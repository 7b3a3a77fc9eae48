from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.access_request import AccessRequest


def open_requests(
    name: str,
) -> Call[list[AccessRequest]]:
    """Who asks to become a member, for owners"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[AccessRequest]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = AccessRequest.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/auth/projects/{name}/requests".format(
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
