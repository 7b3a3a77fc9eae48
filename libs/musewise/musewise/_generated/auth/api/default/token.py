from typing import Any

from musewise.calls import Call

from ...models.body_token import BodyToken
from ...models.token import Token


def token(
    *,
    body: BodyToken,
) -> Call[Token]:
    """Get a token"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["data"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Token:
        response_200 = Token.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/auth/token",
        parse,
        **_kwargs,
    )
