"""Projects that are closed: whom to ask, and asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from musewise.errors import Error, NotAllowed, NotFoundError, ServerError
from musewise.results import Answer

if TYPE_CHECKING:
    from musewise.connection import Connection

__all__ = ["AccessRequest", "Asking", "explained"]

CLOSED = "project_closed"


class AccessRequest(Answer):
    """Somebody asks to become a member of a project."""

    project: str
    subject: str
    name: str = ""
    reason: str = ""
    created_at: str = ""


class Asking:
    """Asking to be let into projects; see `musewise.session.Session`."""

    if TYPE_CHECKING:
        connection: Connection

    def request_access(self, project: str, reason: str = "") -> AccessRequest:
        """Ask the owners of a project to be let in; they see it until they decide."""
        made = self.connection.post(_requests(project), {"reason": reason})
        return AccessRequest.model_validate(made)

    def access_requests(self, project: str) -> list[AccessRequest]:
        """Give who asks to be let into a project of yours."""
        found = self.connection.get(_requests(project))
        return [AccessRequest.model_validate(one) for one in found]


def _requests(project: str) -> str:
    return f"/auth/projects/{quote(project, safe='')}/requests"


def explained(connection: Connection, error: ServerError) -> ServerError:
    """Give an error that also says whom to ask, where a project is closed."""
    loc = error.loc or []
    if error.code != CLOSED or len(loc) < 2:
        return error
    project = str(loc[1])
    try:
        owners: list[dict[str, Any]] = connection.get(
            f"/auth/projects/{quote(project, safe='')}/owners"
        )
    except NotFoundError as missing:
        return missing
    except Error:
        return error
    names = ", ".join(one["name"] for one in owners) or "nobody"
    told = {
        **error.more,
        "detail": f"{project!r} is closed to you. Needs role member; owners: {names}.",
        "hint": f'Ask with client.request_access("{project}").',
    }
    return NotAllowed(error.status, told)
