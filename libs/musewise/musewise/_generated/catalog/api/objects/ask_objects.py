from typing import Any

from musewise.calls import Call

from ...models.object_page import ObjectPage
from ...models.paged import Paged


def ask_objects(
    *,
    body: Paged,
) -> Call[ObjectPage]:
    """Objects that fit a query, as a tree"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> ObjectPage:
        response_200 = ObjectPage.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/catalog/objects",
        parse,
        **_kwargs,
    )
