from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.task_event import TaskEvent


def list_events(
    task_id: UUID,
) -> Call[list[TaskEvent]]:
    """The history of a task: who, why, when"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[TaskEvent]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = TaskEvent.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/tasks/{task_id}/events".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
