from typing import Any

from musewise.calls import Call

from ...models.bad_copy import BadCopy
from ...types import UNSET, Unset


def bad_copies(
    *,
    limit: int | Unset = 100,
) -> Call[list[BadCopy]]:
    """Copies that were found damaged, for operators"""

    params: dict[str, Any] = {}

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> list[BadCopy]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = BadCopy.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/storage/bad-copies",
        parse,
        **_kwargs,
    )
