from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.worker_event import WorkerEvent


def worker_events(
    name: str,
) -> Call[list[WorkerEvent]]:
    """The history of a worker: who, why, when"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[WorkerEvent]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = WorkerEvent.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/workers/{name}/events".format(
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
