from typing import Any

from musewise.calls import Call

from ...models.claimed import Claimed
from ...models.wanted import Wanted


def claim_tasks(
    *,
    body: Wanted,
) -> Call[list[Claimed]]:
    """Take several attempts at once; each is given or refused for itself"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[Claimed]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Claimed.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/claims",
        parse,
        **_kwargs,
    )
