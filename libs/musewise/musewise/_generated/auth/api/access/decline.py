from typing import Any
from urllib.parse import quote

from musewise.calls import Call


def decline(
    name: str,
    subject: str,
) -> Call[Any]:
    """Decline a request, for owners

    To let somebody in, PUT a level: it settles the request.
    """

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> Any:
        return answer

    return Call(
        "DELETE",
        "/auth/projects/{name}/requests/{subject}".format(
            name=quote(str(name), safe=""),
            subject=quote(str(subject), safe=""),
        ),
        parse,
        **_kwargs,
    )
