from typing import Any

from musewise.calls import Call

from ...models.stream_tree import StreamTree


def ask_stream(
    *,
    body: StreamTree,
) -> Call[Any]:
    """All that fits a tree"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "POST",
        "/catalog/objects/stream",
        parse,
        **_kwargs,
    )
