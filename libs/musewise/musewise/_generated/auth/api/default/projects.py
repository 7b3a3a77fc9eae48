from typing import Any

from musewise.calls import Call

from ...models.project import Project


def projects() -> Call[list[Project]]:
    """The caller's projects"""

    _kwargs: dict[str, Any] = {}

    def parse(answer: Any) -> list[Project]:
        response_200 = []
        _response_200 = answer
        for response_200_item_data in _response_200:
            response_200_item = Project.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    return Call(
        "GET",
        "/auth/projects",
        parse,
        **_kwargs,
    )
