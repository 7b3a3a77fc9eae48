from typing import Any
from urllib.parse import quote
from uuid import UUID

from musewise.calls import Call

from ...models.stored_file import StoredFile


def get_file(
    file_id: UUID,
) -> Call[StoredFile]:
    """The record of a file"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> StoredFile:
        response_200 = StoredFile.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/storage/files/{file_id}".format(
            file_id=quote(str(file_id), safe=""),
        ),
        parse,
        **_kwargs,
    )
