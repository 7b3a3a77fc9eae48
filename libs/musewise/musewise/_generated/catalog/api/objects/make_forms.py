from typing import Any

from musewise.calls import Call

from ...models.object_query import ObjectQuery
from ...models.query_forms import QueryForms


def make_forms(
    *,
    body: ObjectQuery,
) -> Call[QueryForms]:
    """A tree in all its forms"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> QueryForms:
        response_200 = QueryForms.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/catalog/objects/forms",
        parse,
        **_kwargs,
    )
