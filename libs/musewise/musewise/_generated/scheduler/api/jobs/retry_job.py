from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.job import Job


def retry_job(
    job_id: str,
) -> Call[Job]:
    """Try again what failed or was cancelled, with a new budget of attempts

    Plans anew: what was mended meanwhile is seen, what is done is kept.
    """

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Job:
        response_200 = Job.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/jobs/{job_id}/retry".format(
            job_id=quote(str(job_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
