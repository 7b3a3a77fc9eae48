from typing import Any

from musewise.calls import Call

from ...models.get_export_format import GetExportFormat
from ...types import UNSET, Unset


def get_export(
    *,
    class_: None | str | Unset = UNSET,
    q: None | str | Unset = UNSET,
    order: str | Unset = "",
    columns: str | Unset = "",
    projects: str | Unset = "",
    group: str | Unset = "",
    agg: str | Unset = "",
    limit: int | None | Unset = UNSET,
    format_: GetExportFormat,
    storage: str | Unset = "",
) -> Call[Any]:
    """All that fits, as a file

    A connection that ends before the answer does was broken off. `files` lists sums and
    names of the files, `wget` is a script that fetches them.
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

    json_format_: str = format_
    params["format"] = json_format_

    params["storage"] = storage

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "GET",
        "/catalog/objects/export",
        parse,
        **_kwargs,
    )
