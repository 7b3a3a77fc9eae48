from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.object_page import ObjectPage
from ...types import UNSET, Unset


def saved_objects(
    project: str,
    name: str,
    *,
    limit: int | Unset = 100,
    after: None | str | Unset = UNSET,
) -> Call[ObjectPage]:
    """Objects that fit it"""

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

    def parse(answer: Any) -> ObjectPage:
        response_200 = ObjectPage.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/saved/{project}/{name}/objects".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
