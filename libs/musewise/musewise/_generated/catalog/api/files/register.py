from typing import Any

from musewise.calls import Call

from ...models.register_request import RegisterRequest
from ...models.registered import Registered


def register(
    *,
    body: RegisterRequest,
) -> Call[list[Registered]]:
    """Register frames by their metadata only

    A refused row does not stop the others; a known one is harmless.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[Registered]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Registered.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/catalog/register",
        parse,
        **_kwargs,
    )
