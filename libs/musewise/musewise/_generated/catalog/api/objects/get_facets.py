from typing import Any

from musewise.calls import Call

from ...models.facet import Facet
from ...types import UNSET, Unset


def get_facets(
    *,
    class_: None | str | Unset = UNSET,
    q: None | str | Unset = UNSET,
    order: str | Unset = "",
    columns: str | Unset = "",
    projects: str | Unset = "",
    group: str | Unset = "",
    agg: str | Unset = "",
    limit: int | Unset = 100,
    after: None | str | Unset = UNSET,
) -> Call[list[Facet]]:
    """Values of attributes, with the number of objects that have each

    `columns` names the attributes, `limit` how many values of each.
    """

    params: dict[str, Any] = {}

    json_class_: None | str | Unset
    if isinstance(class_, Unset):
        json_class_ = UNSET
    else:
        json_class_ = class_
    params["class"] = json_class_

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    params["order"] = order

    params["columns"] = columns

    params["projects"] = projects

    params["group"] = group

    params["agg"] = agg

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

    def parse(answer: Any) -> list[Facet]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Facet.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/objects/facets",
        parse,
        **_kwargs,
    )
