from typing import Any
from urllib.parse import quote

from musewise.calls import Call

from ...models.object_count import ObjectCount


def saved_count(
    project: str,
    name: str,
) -> Call[ObjectCount]:
    """How many fit it"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> ObjectCount:
        response_200 = ObjectCount.from_dict(answer)

        return response_200

    return Call(
        "GET",
        "/catalog/saved/{project}/{name}/count".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
