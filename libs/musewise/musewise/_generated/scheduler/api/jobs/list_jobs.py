import datetime
from typing import Any

from musewise.calls import Call

from ...models.job import Job
from ...types import UNSET, Unset


def list_jobs(
    *,
    limit: int | Unset = 20,
    mine: bool | Unset = False,
    since: datetime.datetime | None | Unset = UNSET,
) -> Call[list[Job]]:
    """The newest jobs, newest first"""

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["mine"] = mine

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> list[Job]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Job.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/scheduler/jobs",
        parse,
        **_kwargs,
    )
