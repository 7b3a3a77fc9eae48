from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call


def put_content(
    file_id: UUID,
) -> Call[Any]:
    """Send the bytes of an upload"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "PUT",
        "/storage/uploads/{file_id}/content".format(
            file_id=quote(str(file_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
