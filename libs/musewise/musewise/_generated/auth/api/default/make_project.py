from typing import Any

from musewise.calls import Call

from ...models.new_project import NewProject
from ...models.project import Project


def make_project(
    *,
    body: NewProject,
) -> Call[Project]:
    """Make a project"""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers

    def parse(answer: Any) -> Project:
        response_201 = Project.from_dict(answer)

        return response_201

    return Call(
        "POST",
        "/auth/projects",
        parse,
        **_kwargs,
    )
