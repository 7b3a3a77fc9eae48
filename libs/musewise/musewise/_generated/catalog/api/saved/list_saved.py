from typing import Any

from musewise.calls import Call

from ...models.saved_query import SavedQuery
from ...types import UNSET, Unset


def list_saved(
    *,
    project: None | str | Unset = UNSET,
) -> Call[list[SavedQuery]]:
    """Saved queries, by project and name"""

    params: dict[str, Any] = {}

    json_project: None | str | Unset
    if isinstance(project, Unset):
        json_project = UNSET
    else:
        json_project = project
    params["project"] = json_project

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> list[SavedQuery]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = SavedQuery.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/saved",
        parse,
        **_kwargs,
    )
