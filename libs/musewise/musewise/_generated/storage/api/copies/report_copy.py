from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.copy_state import CopyState
from ...models.mismatch import Mismatch


def report_copy(
    file_id: UUID,
    *,
    body: Mismatch,
) -> Call[CopyState]:
    """Say that other bytes came than those of the file

    The gateway looks at the copy itself, writes down a damaged one, and replaces it
    where the site holds the same bytes a second time.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> CopyState:
        response_200 = CopyState.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/storage/files/{file_id}/bad-copy".format(
            file_id=quote(str(file_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
