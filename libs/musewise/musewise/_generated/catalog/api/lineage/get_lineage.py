from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.get_lineage_direction import (
    GetLineageDirection,
)
from ...models.lineage_node import LineageNode
from ...types import UNSET, Unset


def get_lineage(
    frame_id: str,
    *,
    direction: GetLineageDirection | Unset = "up",
    depth: int | None | Unset = UNSET,
) -> Call[LineageNode]:
    """What a frame was made from, or what was made of it, as a tree

    A subtree that comes again is given by `ref`.
    """

    params: dict[str, Any] = {}

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

    def parse(answer: Any) -> LineageNode:
        response_200 = LineageNode.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/lineage".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
