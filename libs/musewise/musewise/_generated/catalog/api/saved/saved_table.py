from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.object_table import ObjectTable
from ...types import UNSET, Unset


def saved_table(
    project: str,
    name: str,
    *,
    limit: int | Unset = 100,
    after: None | str | Unset = UNSET,
) -> Call[ObjectTable]:
    """Its columns of these"""

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_after: None | str | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> ObjectTable:
        response_200 = ObjectTable.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/saved/{project}/{name}/table".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
