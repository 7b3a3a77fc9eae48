"""HTTP interface of the auth service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Form

from muse_auth.models import Level, Me, Member, NewProject, Project, Token
from muse_auth.rules import (
    AccountNotFound,
    CredentialsWrong,
    NotOwner,
    ProjectExists,
    ProjectNotFound,
)
from muse_auth.service import AuthService
from musecore.web import CurrentPrincipal, problems

__all__ = ["routes"]


def routes(service: AuthService, jwks: dict[str, Any]) -> APIRouter:
    """Make the router."""
    router = APIRouter()

    @router.get("/jwks.json", summary="Public keys that tokens are verified with")
    async def keys() -> dict[str, Any]:
        return jwks

    @router.post("/token", responses=problems(CredentialsWrong), summary="Get a token")
    async def token(
        grant_type: Annotated[Literal["client_credentials"], Form()],
        client_id: Annotated[str, Form()],
        client_secret: Annotated[str, Form()],
    ) -> Token:
        return await service.token(client_id, client_secret)

    @router.get("/me", summary="Who is calling")
    async def me(caller: CurrentPrincipal) -> Me:
        return Me(
            subject=caller.subject,
            name=caller.name,
            projects=caller.projects,
            scopes=sorted(caller.scopes),
        )

    @router.get("/projects", summary="The caller's projects")
    async def projects(caller: CurrentPrincipal) -> list[Project]:
        return await service.projects(caller)

    @router.post(
        "/projects",
        status_code=201,
        responses=problems(ProjectExists),
        summary="Make a project",
    )
    async def make_project(caller: CurrentPrincipal, new: NewProject) -> Project:
        return await service.make_project(caller, new)

    @router.put(
        "/projects/{name}/members/{subject}",
        responses=problems(ProjectNotFound, NotOwner, AccountNotFound),
        summary="Give an account a level in a project",
    )
    async def grant(
        caller: CurrentPrincipal,
        name: str,
        subject: str,
        level: Annotated[Level, Body(embed=True)],
    ) -> Member:
        member = Member(project=name, subject=subject, level=level)
        return await service.grant(caller, member)

    return router
