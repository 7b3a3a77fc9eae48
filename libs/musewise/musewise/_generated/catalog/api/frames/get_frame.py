from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.frame import Frame


def get_frame(
    frame_id: str,
) -> Call[Frame]:
    """One frame

    By its id, or at least its first 8 digits.
    """

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Frame:
        response_200 = Frame.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
