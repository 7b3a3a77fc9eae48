from typing import Any
from urllib.parse import quote

from musewise.calls import Call


def forget_query(
    project: str,
    name: str,
) -> Call[Any]:
    """Forget a query; only its owner may"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "DELETE",
        "/catalog/saved/{project}/{name}".format(
            project=quote(str(project), safe=""),
            name=quote(str(name), safe=""),
        ),
        parse,
        **_kwargs,
    )
