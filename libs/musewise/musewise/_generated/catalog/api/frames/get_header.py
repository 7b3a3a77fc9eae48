from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.header_text import HeaderText
from ...types import UNSET, Unset


def get_header(
    frame_id: str,
    *,
    hdu: int | None | Unset = UNSET,
    accept: str | Unset = "application/json",
) -> Call[HeaderText]:
    """The header of every extension

    With `Accept: text/plain` card for card, 80 columns a line.
    """
    headers: dict[str, Any] = {}
    if not isinstance(accept, Unset):
        headers["accept"] = accept

    params: dict[str, Any] = {}

    json_hdu: int | None | Unset
    if isinstance(hdu, Unset):
        json_hdu = UNSET
    else:
        json_hdu = hdu
    params["hdu"] = json_hdu

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {}
    _kwargs["params"] = params
    _kwargs["headers"] = headers

    def parse(answer: Any) -> HeaderText:
        response_200 = HeaderText.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/frames/{frame_id}/header".format(
            frame_id=quote(str(frame_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
