from typing import Any

from musewise.calls import Call

from ...models.object_table import ObjectTable
from ...models.paged import Paged


def ask_table(
    *,
    body: Paged,
) -> Call[ObjectTable]:
    """Some columns of the objects, as a tree"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> ObjectTable:
        response_200 = ObjectTable.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/catalog/objects/table",
        parse,
        **_kwargs,
    )
