from typing import Any

from musewise.calls import Call

from ...models.beats import Beats
from ...models.heartbeat import Heartbeat


def beat_many(
    *,
    body: Beats,
) -> Call[list[Heartbeat]]:
    """Lengthen the leases of several attempts; an answer for each, in order"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> list[Heartbeat]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Heartbeat.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "POST",
        "/scheduler/heartbeats",
        parse,
        **_kwargs,
    )
