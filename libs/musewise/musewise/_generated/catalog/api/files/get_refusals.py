import datetime
from typing import Any

from musewise.calls import Call

from ...models.refusal_record import RefusalRecord
from ...types import UNSET, Unset


def get_refusals(
    *,
    since: datetime.datetime | None | Unset = UNSET,
    filename: None | str | Unset = UNSET,
) -> Call[list[RefusalRecord]]:
    """What was refused and why, newest first"""

    params: dict[str, Any] = {}

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    json_filename: None | str | Unset
    if isinstance(filename, Unset):
        json_filename = UNSET
    else:
        json_filename = filename
    params["filename"] = json_filename

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> list[RefusalRecord]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = RefusalRecord.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/refusals",
        parse,
        **_kwargs,
    )
