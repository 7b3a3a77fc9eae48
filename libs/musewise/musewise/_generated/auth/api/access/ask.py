from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.access_request import AccessRequest
from ...models.new_request import NewRequest


def ask(
    name: str,
    *,
    body: NewRequest,
) -> Call[AccessRequest]:
    """Ask to become a member"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> AccessRequest:
        response_201 = AccessRequest.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/auth/projects/{name}/requests".format(
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
