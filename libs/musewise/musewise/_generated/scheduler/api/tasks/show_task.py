from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.task import Task


def show_task(
    task_id: UUID,
) -> Call[Task]:
    """One task"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Task:
        response_200 = Task.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/scheduler/tasks/{task_id}".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
