"""Who may know of which frames, and who may say something of them."""

from muse_catalog.models import Access
from muse_catalog.rules.errors import ProjectNotWritable
from musecore.identity import Principal

__all__ = ["access_of", "require_member"]


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
