from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.score_entry import ScoreEntry


def get_scores(
    frame_id: str,
) -> Call[list[ScoreEntry]]:
    """QC values against limits, newest version of the limits first"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[ScoreEntry]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = ScoreEntry.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/scores".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
