from typing import Any

from musewise.calls import Call

from ...models.gate import Gate


def list_gates() -> Call[list[Gate]]:
    """Sites and pools that are paused"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Gate]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Gate.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/gates",
        parse,
        **_kwargs,
    )
