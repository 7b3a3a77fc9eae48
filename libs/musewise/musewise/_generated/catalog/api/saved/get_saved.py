from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.saved_query import SavedQuery


def get_saved(
    project: str,
    name: str,
) -> Call[SavedQuery]:
    """A saved query"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> SavedQuery:
        response_200 = SavedQuery.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/saved/{project}/{name}".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
