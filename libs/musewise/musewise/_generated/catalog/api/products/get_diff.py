from typing import Any

from musewise.calls import Call

from ...models.product_diff import ProductDiff
from ...types import UNSET


def get_diff(
    *,
    a: str,
    b: str,
) -> Call[ProductDiff]:
    """In what two products differ"""

    params: dict[str, Any] = {}

    params["a"] = a

    params["b"] = b

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> ProductDiff:
        response_200 = ProductDiff.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/diff",
        parse,
        **_kwargs,
    )
