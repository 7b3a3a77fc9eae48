from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.get_lineage_table_direction import (
    GetLineageTableDirection,
)
from ...models.lineage_row import LineageRow
from ...types import UNSET, Unset


def get_lineage_table(
    frame_id: str,
    *,
    direction: GetLineageTableDirection | Unset = "up",
    depth: int | None | Unset = UNSET,
) -> Call[list[LineageRow]]:
    """The same as rows, nearest first"""

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

    def parse(answer: Any) -> list[LineageRow]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = LineageRow.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/lineage/table".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
