"""HTTP interface of the auth service."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Form

from muse_auth.models import (
    AccessRequest,
    Level,
    Me,
    Member,
    NewProject,
    NewRequest,
    Owner,
    Project,
    Token,
)
from muse_auth.rules import (
    AccountNotFound,
    AlreadyMember,
    CredentialsWrong,
    NotOwner,
    ProjectExists,
    ProjectNotFound,
    RequestNotFound,
)
from muse_auth.service import AccessRequests, AuthService
from musecore.web import CurrentPrincipal, problems

__all__ = ["access_routes", "routes"]


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


def access_routes(requests: AccessRequests) -> APIRouter:
    """Make the router of requests to become a member."""
    router = APIRouter(prefix="/projects/{name}", tags=["access"])

    @router.get(
        "/owners",
        responses=problems(ProjectNotFound),
        summary="Who decides about a project",
        description="Every account may ask, so that it knows whom to ask.",
    )
    async def owners(caller: CurrentPrincipal, name: str) -> list[Owner]:
        return await requests.owners(name)

    @router.post(
        "/requests",
        status_code=201,
        responses=problems(ProjectNotFound, AlreadyMember),
        summary="Ask to become a member",
    )
    async def ask(
        caller: CurrentPrincipal, name: str, new: NewRequest
    ) -> AccessRequest:
        return await requests.ask(caller, name, new.reason)

    @router.get(
        "/requests",
        responses=problems(ProjectNotFound, NotOwner),
        summary="Who asks to become a member, for owners",
    )
    async def open_requests(caller: CurrentPrincipal, name: str) -> list[AccessRequest]:
        return await requests.open(caller, name)

    @router.delete(
        "/requests/{subject}",
        status_code=204,
        responses=problems(ProjectNotFound, NotOwner, RequestNotFound),
        summary="Decline a request, for owners",
        description="To let somebody in, PUT a level: it settles the request.",
    )
    async def decline(caller: CurrentPrincipal, name: str, subject: str) -> None:
        await requests.decline(caller, name, subject)

    return router
