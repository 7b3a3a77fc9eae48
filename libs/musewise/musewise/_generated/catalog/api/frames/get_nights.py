from typing import Any

from musewise.calls import Call

from ...models.night import Night


def get_nights() -> Call[list[Night]]:
    """Files by night and class, newest night first"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Night]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Night.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/nights",
        parse,
        **_kwargs,
    )
