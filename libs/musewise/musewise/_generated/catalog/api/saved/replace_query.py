from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.saved_query import SavedQuery
from ...models.to_replace import ToReplace


def replace_query(
    project: str,
    name: str,
    *,
    body: ToReplace,
) -> Call[SavedQuery]:
    """Replace a query"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> SavedQuery:
        response_200 = SavedQuery.from_dict(answer)

        return response_200

    return Call(
        "PUT",
        "/catalog/saved/{project}/{name}".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
