from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.share_wish import ShareWish


def set_share(
    owner: str,
    *,
    body: ShareWish,
) -> Call[Any]:
    """How much of the fleet a person gets, in relation to others"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "PUT",
        "/scheduler/shares/{owner}".format(
            owner=quote(str(owner), safe=""),
        ),
        parse,
        **_kwargs,
    )
