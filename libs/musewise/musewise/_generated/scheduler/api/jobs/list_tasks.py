from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.task import Task


def list_tasks(
    job_id: str,
) -> Call[list[Task]]:
    """The tasks of a job"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Task]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Task.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/jobs/{job_id}/tasks".format(
            job_id=quote(str(job_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
