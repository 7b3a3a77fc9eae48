from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.attempt import Attempt


def list_attempts(
    task_id: UUID,
) -> Call[list[Attempt]]:
    """Every try of a task: worker, exit code, telling lines of its log"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Attempt]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Attempt.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/tasks/{task_id}/attempts".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
