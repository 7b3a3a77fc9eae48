"""Who may see what: the one access filter of the scheduler.

Unknown and forbidden look the same: the store leaves out what a principal may not
see, and the caller answers "not found". Statics are visible to everyone.
"""

from __future__ import annotations

from muse_scheduler.models import PlanRequest
from muse_scheduler.rules import masked
from musecore.errors import ProjectNotFound
from musecore.identity import Principal


def visible_projects(principal: Principal) -> frozenset[str] | None:
    """Give the projects whose rows a principal may see; None: all of them."""
    return None if principal.is_service else frozenset(principal.projects)


def require_project(principal: Principal, project: str) -> None:
    """Refuse work in a project that the principal is no member of."""
    visible = visible_projects(principal)
    if visible is not None and project not in visible:
        raise ProjectNotFound(
            f"There is no project {project!r} that you are a member of.",
            hint=f"Yours are: {', '.join(sorted(visible)) or 'none'}.",
            loc=("body", "project"),
        )


def without_secrets(request: PlanRequest) -> PlanRequest:
    """Give a request as it may be shown: an address of a webhook may be a secret."""
    shown = tuple(masked(address) for address in request.notify)
    return request.model_copy(update={"notify": shown})
