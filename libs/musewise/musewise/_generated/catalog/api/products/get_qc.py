from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.qc_row import QcRow


def get_qc(
    frame_id: str,
) -> Call[list[QcRow]]:
    """QC values of a product"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[QcRow]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = QcRow.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/qc".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
