from typing import Any

from musewise.calls import Call

from ...models.object_count import ObjectCount
from ...types import UNSET, Unset


def get_count(
    *,
    class_: None | str | Unset = UNSET,
    q: None | str | Unset = UNSET,
    order: str | Unset = "",
    columns: str | Unset = "",
    projects: str | Unset = "",
    group: str | Unset = "",
    agg: str | Unset = "",
) -> Call[ObjectCount]:
    """How many objects fit"""

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> ObjectCount:
        response_200 = ObjectCount.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/objects/count",
        parse,
        **_kwargs,
    )
