from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.saved_query import SavedQuery
from ...models.to_save import ToSave


def keep_query(
    project: str,
    name: str,
    *,
    body: ToSave,
) -> Call[SavedQuery]:
    """Keep a query under a new name"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> SavedQuery:
        response_201 = SavedQuery.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/catalog/saved/{project}/{name}".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
