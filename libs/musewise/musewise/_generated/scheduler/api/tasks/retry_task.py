from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.task import Task


def retry_task(
    task_id: UUID,
) -> Call[Task]:
    """Try a failed task again; what waited for it waits again"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Task:
        response_200 = Task.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/tasks/{task_id}/retry".format(
            task_id=quote(str(task_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
