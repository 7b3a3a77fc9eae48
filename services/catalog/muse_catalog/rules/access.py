"""Who may know of which frames, and who may say something of them."""

from collections.abc import Iterable

from muse_catalog.models import Access
from muse_catalog.rules.errors import ProjectClosed, ProjectNotWritable
from musecore.identity import Principal

__all__ = ["access_of", "require_member", "require_open"]


def access_of(principal: Principal) -> Access:
    """Give what `principal` may know of: the one access filter of this service.

    Static calibrations are visible to everyone; the store adds them.
    """
    return Access(everything=principal.is_service, projects=principal.visible)


def require_member(principal: Principal, project: str) -> None:
    """Let members and services pass.

    Raises
    ------
    ProjectNotWritable
        `principal` is no member of `project`.
    """
    if not principal.is_service and principal.level(project) < 1:
        mine = ", ".join(sorted(principal.projects)) or "none"
        raise ProjectNotWritable(
            f"{principal.name} is no member of the project {project!r}.",
            hint=f"Use one of your projects ({mine}), or ask to become a member.",
        )


def require_open(principal: Principal, projects: Iterable[str]) -> None:
    """Let a question about projects pass that the caller may look into.

    Whether a closed project exists is not told here: auth says it, and who owns it.

    Raises
    ------
    ProjectClosed
    """
    access = access_of(principal)
    for project in projects:
        if not access.everything and project not in access.projects:
            raise ProjectClosed(
                f"{project!r} is closed to you. Needs role member.",
                loc=("projects", project),
            )
