from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.frame import Frame
from ...models.validity_change import ValidityChange


def change_validity(
    frame_id: str,
    *,
    body: ValidityChange,
) -> Call[Frame]:
    """Say whether a frame may be used

    The history is kept.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Frame:
        response_200 = Frame.from_dict(answer)

        return response_200

    return Call(
        "PATCH",
        "/catalog/frames/{frame_id}".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
