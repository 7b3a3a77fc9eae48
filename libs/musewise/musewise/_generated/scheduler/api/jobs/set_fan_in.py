from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.at_least import AtLeast
from ...models.job import Job


def set_fan_in(
    job_id: str,
    *,
    body: AtLeast,
) -> Call[Job]:
    """Go on without the IFUs that failed

    Field products are then made of the good IFUs and say so.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Job:
        response_200 = Job.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/scheduler/jobs/{job_id}/fan-in".format(
            job_id=quote(str(job_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
