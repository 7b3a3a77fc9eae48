from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.body_grant import BodyGrant
from ...models.member import Member


def grant(
    name: str,
    subject: str,
    *,
    body: BodyGrant,
) -> Call[Member]:
    """Give an account a level in a project"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Member:
        response_200 = Member.from_dict(answer)

        return response_200

    return Call(
        "PUT",
        "/auth/projects/{name}/members/{subject}".format(
            name=quote(str(name), safe=""),
            subject=quote(str(subject), safe=""),
        ),
        parse,
        **_kwargs,
    )
