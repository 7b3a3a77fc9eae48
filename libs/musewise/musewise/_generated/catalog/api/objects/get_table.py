from typing import Any

from musewise.calls import Call

from ...models.object_table import ObjectTable
from ...types import UNSET, Unset


def get_table(
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
) -> Call[ObjectTable]:
    """Some columns of the objects"""

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

    def parse(answer: Any) -> ObjectTable:
        response_200 = ObjectTable.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/objects/table",
        parse,
        **_kwargs,
    )
