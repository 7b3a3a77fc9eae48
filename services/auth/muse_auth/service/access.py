"""Requests to become a member: made by anybody, seen and decided by owners."""

from muse_auth.models import AccessRequest, Owner
from muse_auth.rules import (
    OWNER,
    AlreadyMember,
    ProjectNotFound,
    RequestNotFound,
    require_owner,
)
from muse_auth.store import AuthStore
from musecore.db import Database
from musecore.identity import Principal

__all__ = ["AccessRequests"]


class AccessRequests:
    """Who owns a project, and who asks to be let in.

    Names of projects and of their owners are no secret among accounts: who is told
    that a project is closed is told whom to ask.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owners(self, project: str) -> list[Owner]:
        """List who decides about a project.

        Raises
        ------
        ProjectNotFound
        """
        async with self._database.begin() as tx:
            return await _owners(AuthStore(tx), project)

    async def ask(self, caller: Principal, project: str, reason: str) -> AccessRequest:
        """Ask to become a member; may be repeated.

        Raises
        ------
        ProjectNotFound, AlreadyMember
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            await _owners(store, project)
            if (await store.levels(caller.subject)).get(project):
                raise AlreadyMember(
                    f"{caller.name} is a member of '{project}'.",
                    hint="A new token says so: sign in again.",
                )
            await store.put_request(project, caller.subject, reason)
            await store.audit(caller.subject, "access asked", project=project)
            requests = await store.requests(project)
        [own] = [one for one in requests if one.subject == caller.subject]
        return own

    async def open(self, caller: Principal, project: str) -> list[AccessRequest]:
        """List the open requests of a project that the caller owns.

        Raises
        ------
        ProjectNotFound, NotOwner
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            own = (await store.levels(caller.subject)).get(project, 0)
            require_owner(caller, project, own)
            return await store.requests(project)

    async def decline(self, caller: Principal, project: str, subject: str) -> None:
        """Remove a request; who is let in is granted a level instead.

        Raises
        ------
        ProjectNotFound, NotOwner, RequestNotFound
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            own = (await store.levels(caller.subject)).get(project, 0)
            require_owner(caller, project, own)
            if not await store.drop_request(project, subject):
                raise RequestNotFound(f"'{subject}' does not ask for '{project}'.")
            await store.audit(
                caller.subject, "access declined", project=project, to=subject
            )


async def _owners(store: AuthStore, project: str) -> list[Owner]:
    found = await store.owners(project, OWNER)
    if found is None:
        raise ProjectNotFound(
            f"There is no project '{project}'.", hint="GET /auth/projects lists yours."
        )
    return found
