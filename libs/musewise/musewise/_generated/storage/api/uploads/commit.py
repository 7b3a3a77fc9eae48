from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.commit import Commit
from ...models.committed import Committed
from ...types import UNSET, Unset


def commit(
    file_id: UUID,
    *,
    body: Commit | None | Unset = UNSET,
) -> Call[Committed]:
    """Verify the bytes and take the file into the inventory

    May be repeated. `duplicate_of` names the file that already held the same bytes in
    this project.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}

    if isinstance(body, Commit):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Committed:
        response_200 = Committed.from_dict(answer)

        return response_200

    return Call(
        "POST",
        "/storage/uploads/{file_id}/commit".format(
            file_id=quote(str(file_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
