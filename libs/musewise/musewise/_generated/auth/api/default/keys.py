from typing import Any

from musewise.calls import Call

from ...models.keys_response_keys import KeysResponseKeys


def keys() -> Call[KeysResponseKeys]:
    """Public keys that tokens are verified with"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> KeysResponseKeys:
        response_200 = KeysResponseKeys.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/auth/jwks.json",
        parse,
        **_kwargs,
    )
