from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...types import UNSET, Unset


def get_content(
    file_id: UUID,
    *,
    range_: None | str | Unset = UNSET,
) -> Call[Any]:
    """The bytes of a file

    Takes one byte range.
    """
    headers: dict[str, Any] = {}
    if not isinstance(range_, Unset):
        headers["range"] = range_

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "GET",
        "/storage/files/{file_id}/content".format(
            file_id=quote(str(file_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
