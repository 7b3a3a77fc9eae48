from typing import Any

from musewise.calls import Call

from ...models.readyz_response_readyz import ReadyzResponseReadyz


def readyz() -> Call[ReadyzResponseReadyz]:
    """The service can work"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> ReadyzResponseReadyz:
        response_200 = ReadyzResponseReadyz.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/auth/readyz",
        parse,
        **_kwargs,
    )
