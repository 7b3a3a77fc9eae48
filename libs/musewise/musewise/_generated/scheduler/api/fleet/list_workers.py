from typing import Any

from musewise.calls import Call

from ...models.worker import Worker


def list_workers() -> Call[list[Worker]]:
    """The workers"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Worker]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Worker.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/workers",
        parse,
        **_kwargs,
    )
