from typing import Any

from musewise.calls import Call

from ...models.space import Space


def get_space() -> Call[Space]:
    """Room in the site's store"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Space:
        response_200 = Space.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/storage/space",
        parse,
        **_kwargs,
    )
