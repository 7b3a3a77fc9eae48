from typing import Any
from uuid import UUID

from musewise.calls import Call

from ...models.files import Files


def unknown_files(
    *,
    body: Files,
) -> Call[list[UUID]]:
    """Which of these files plans cannot see yet

    Who puts files waits until the answer is empty before they plan.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[UUID]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = UUID(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/files/unknown",
        parse,
        **_kwargs,
    )
