from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.attempt_of_worker import AttemptOfWorker
from ...models.heartbeat import Heartbeat


def beat(
    task_id: UUID,
    *,
    body: AttemptOfWorker,
) -> Call[Heartbeat]:
    """Lengthen the lease of an attempt, or learn that it must stop"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Heartbeat:
        response_200 = Heartbeat.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/tasks/{task_id}/heartbeat".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
