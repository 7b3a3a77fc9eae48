from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.remark import Remark


def get_remarks(
    frame_id: str,
) -> Call[list[Remark]]:
    """Comments and assessments, oldest first"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Remark]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Remark.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/remarks".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
