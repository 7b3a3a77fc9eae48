from typing import Any

from musewise.calls import Call

from ...types import UNSET, Unset


def get_stream(
    *,
    class_: None | str | Unset = UNSET,
    q: None | str | Unset = UNSET,
    order: str | Unset = "",
    columns: str | Unset = "",
    projects: str | Unset = "",
    group: str | Unset = "",
    agg: str | Unset = "",
    limit: int | None | Unset = UNSET,
) -> Call[Any]:
    """All that fits

    Lines of JSON: first `{"columns": […]}`, then a line for each row: a list where the
    query names columns or groups, else the whole object. An empty line is sent when
    there is nothing else to say. The last line is `{"complete": true, "count": N}`, or
    `{"problem": {…}}`; an answer without it was broken off.
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

    json_limit: int | None | Unset
    if isinstance(limit, Unset):
        json_limit = UNSET
    else:
        json_limit = limit
    params["limit"] = json_limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "GET",
        "/catalog/objects/stream",
        parse,
        **_kwargs,
    )
