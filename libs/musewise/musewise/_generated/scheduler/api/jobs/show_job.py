from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.job import Job


def show_job(
    job_id: str,
) -> Call[Job]:
    """One job"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Job:
        response_200 = Job.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/scheduler/jobs/{job_id}".format(
            job_id=quote(str(job_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
