"""Who may do what to projects; pure."""

from musecore.errors import Conflict, Forbidden, NotFound, ProjectNotFound, Unauthorized
from musecore.identity import Principal

__all__ = [
    "OWNER",
    "AccountKindDiffers",
    "AccountNotFound",
    "AlreadyMember",
    "CredentialsWrong",
    "NotOwner",
    "ProjectExists",
    "ProjectNotFound",
    "RequestNotFound",
    "require_owner",
]

OWNER = 5


class CredentialsWrong(Unauthorized):
    """No such account, or another secret."""

    code = "credentials_wrong"


class AccountNotFound(NotFound):
    """No account with this subject."""

    code = "account_not_found"


class AccountKindDiffers(Conflict):
    """The account exists, of the other kind (person or service)."""

    code = "account_kind_differs"


class ProjectExists(Conflict):
    """The name is taken."""

    code = "project_exists"


class AlreadyMember(Conflict):
    """The account is a member of the project."""

    code = "already_member"


class RequestNotFound(NotFound):
    """The account does not ask to become a member."""

    code = "access_request_not_found"


class NotOwner(Forbidden):
    """Only owners of a project decide who sees it."""

    code = "not_owner"


def require_owner(caller: Principal, project: str, level: int) -> None:
    """Raise unless the caller owns the project, or is an administrator.

    `level` is what the tables say.

    Raises
    ------
    ProjectNotFound
        The caller is no member: unknown and forbidden look the same.
    NotOwner
        A member without level 5.
    """
    if caller.is_service or caller.is_admin or level >= OWNER:
        return
    if level == 0:
        msg = f"There is no project '{project}'."
        raise ProjectNotFound(msg, hint="GET /auth/projects lists yours.")
    msg = f"{caller.name} has level {level} in '{project}'; this needs level {OWNER}."
    raise NotOwner(msg, hint=f"Ask an owner of '{project}'.")
