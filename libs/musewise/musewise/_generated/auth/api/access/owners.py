from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.owner import Owner


def owners(
    name: str,
) -> Call[list[Owner]]:
    """Who decides about a project

    Every account may ask, so that it knows whom to ask.
    """

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Owner]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Owner.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/auth/projects/{name}/owners".format(
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
