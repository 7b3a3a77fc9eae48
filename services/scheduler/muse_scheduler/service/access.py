"""Who may see what: the one access filter of the scheduler.

Unknown and forbidden look the same: the store leaves out what a principal may not
see, and the caller answers "not found". Statics are visible to everyone.
"""

from __future__ import annotations

from muse_scheduler.models import PlanRequest
from muse_scheduler.rules import masked
from musecore.errors import ProjectNotFound, Refused
from musecore.identity import Principal


class TrialNotOwn(Refused):
    """A trial is made by the one who will see it."""

    code = "trial_not_own"


def visible_projects(principal: Principal) -> frozenset[str] | None:
    """Give the projects whose rows a principal may see; None: all of them.

    Their own trials are among them; nobody else's are.
    """
    return None if principal.is_service else principal.visible


def place_of(principal: Principal, request: PlanRequest) -> str:
    """Give where the tasks and products of a request belong: its project, or nowhere.

    A trial belongs to the space of its maker.

    Raises
    ------
    TrialNotOwn
        A service asks for a trial in the name of somebody else.
    """
    if not request.trial:
        return request.project
    if request.owner not in ("", principal.name):
        raise TrialNotOwn(
            f"{principal.name} cannot make a trial for {request.owner}: only its maker "
            "sees a trial.",
            hint="Ask with the token of the person, or without trial.",
            loc=("body", "trial"),
        )
    return principal.trials


def require_project(principal: Principal, project: str) -> None:
    """Refuse work in a project that the principal is no member of."""
    if not principal.is_service and project not in principal.projects:
        raise ProjectNotFound(
            f"There is no project {project!r} that you are a member of.",
            hint=f"Yours are: {', '.join(sorted(principal.projects)) or 'none'}.",
            loc=("body", "project"),
        )


def without_secrets(request: PlanRequest) -> PlanRequest:
    """Give a request as it may be shown: an address of a webhook may be a secret."""
    shown = tuple(masked(address) for address in request.notify)
    return request.model_copy(update={"notify": shown})
