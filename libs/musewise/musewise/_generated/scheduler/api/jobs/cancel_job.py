from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.job import Job


def cancel_job(
    job_id: str,
) -> Call[Job]:
    """Stop a job

    What another job wants goes on; what is finished stays.
    """

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Job:
        response_200 = Job.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/jobs/{job_id}/cancel".format(
            job_id=quote(str(job_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
