from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.attempt_of_worker import AttemptOfWorker
from ...models.claimed_task import ClaimedTask


def claim_task(
    task_id: UUID,
    *,
    body: AttemptOfWorker,
) -> Call[ClaimedTask]:
    """Take an attempt, with everything it needs, and a lease"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> ClaimedTask:
        response_200 = ClaimedTask.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/tasks/{task_id}/claim".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
