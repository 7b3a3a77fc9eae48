from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.remark import Remark
from ...models.remark_to_add import RemarkToAdd


def add_remark(
    frame_id: str,
    *,
    body: RemarkToAdd,
) -> Call[Remark]:
    """Comment on a frame; with a grade, assess it"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Remark:
        response_201 = Remark.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/catalog/frames/{frame_id}/remarks".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
