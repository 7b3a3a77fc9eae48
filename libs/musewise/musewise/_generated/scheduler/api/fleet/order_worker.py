from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.order_worker_order import OrderWorkerOrder
from ...models.reason import Reason
from ...models.worker import Worker


def order_worker(
    name: str,
    order: OrderWorkerOrder,
    *,
    body: Reason,
) -> Call[Worker]:
    """Let a worker get no new tasks, or let it work again

    What it runs goes on. A drained worker ends when it has run out.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Worker:
        response_200 = Worker.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/workers/{name}/{order}".format(
            name=quote(str(name), safe=""),
            order=quote(str(order), safe=""),
        ),
        parse,
        **_kwargs,
    )
