"""HTTP: what became of files; rows that are known by their metadata only."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from muse_catalog.models import (
    FileStatus,
    FileStatusRequest,
    RefusalRecord,
    Registered,
    RegisterRequest,
)
from muse_catalog.rules import ProjectNotWritable
from muse_catalog.service import Queries, Rows
from musecore.web import CurrentPrincipal, problems

__all__ = ["file_routes"]


def file_routes(queries: Queries, rows: Rows) -> APIRouter:
    """Give the endpoints about taking files in."""
    router = APIRouter(tags=["files"])

    @router.get("/refusals", summary="What was refused and why, newest first")
    async def get_refusals(
        caller: CurrentPrincipal,
        since: Annotated[datetime | None, Query()] = None,
        filename: Annotated[str | None, Query()] = None,
    ) -> list[RefusalRecord]:
        return await queries.refusals(caller, since=since, filename=filename)

    @router.post("/files/status", summary="What the catalogue has made of stored files")
    async def get_statuses(
        caller: CurrentPrincipal, request: FileStatusRequest
    ) -> list[FileStatus]:
        return await queries.statuses(caller, request.file_ids)

    @router.post(
        "/register",
        summary="Register frames by their metadata only",
        description="A refused row does not stop the others; a known one is harmless.",
        responses=problems(ProjectNotWritable),
    )
    async def register(
        caller: CurrentPrincipal, request: RegisterRequest
    ) -> list[Registered]:
        return await rows.register(caller, request)

    return router
