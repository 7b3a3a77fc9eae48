from typing import Any

from musewise.calls import Call

from ...models.me import Me


def me() -> Call[Me]:
    """Who is calling"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Me:
        response_200 = Me.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/auth/me",
        parse,
        **_kwargs,
    )
