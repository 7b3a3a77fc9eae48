from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.announcement import Announcement
from ...models.worker_orders import WorkerOrders


def announce_worker(
    name: str,
    *,
    body: Announcement,
) -> Call[WorkerOrders]:
    """Say that a worker is there, and what it has; hear what it may do

    At its start (`starting`), then every `beat_s`, and when it stops in order
    (`stopping`).
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> WorkerOrders:
        response_200 = WorkerOrders.from_dict(answer)

        return response_200

    return Call(
        "PUT",
        "/scheduler/workers/{name}".format(
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
