from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.get_text_direction import GetTextDirection
from ...models.get_text_language import GetTextLanguage
from ...types import UNSET, Unset


def get_text(
    frame_id: str,
    *,
    language: GetTextLanguage,
    direction: GetTextDirection | Unset = "up",
    depth: int | None | Unset = UNSET,
) -> Call[Any]:
    """The graph as text for Graphviz or Mermaid"""

    params: dict[str, Any] = {}

    json_language: str = language
    params["language"] = json_language

    json_direction: str | Unset = UNSET
    if not isinstance(direction, Unset):
        json_direction = direction

    params["direction"] = json_direction

    json_depth: int | None | Unset
    if isinstance(depth, Unset):
        json_depth = UNSET
    else:
        json_depth = depth
    params["depth"] = json_depth

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/lineage/text".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
