"""HTTP: questions that a project keeps under a name."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from muse_catalog.api.objects import After, Limit, QueryText
from muse_catalog.models.frames import KeptText
from muse_catalog.models.objects import ObjectCount, ObjectPage, ObjectTable
from muse_catalog.models.saved import SavedQuery, SavedRecord
from muse_catalog.rules import (
    EditClash,
    FrameAmbiguous,
    FrameNotFound,
    NotOwner,
    ProjectNotWritable,
    QueryInvalid,
    QueryTooLong,
    SavedExists,
    SavedNotFound,
    UnknownAttribute,
)
from muse_catalog.service import Objects, Saved
from musecore.web import CurrentPrincipal, problems

__all__ = ["answer_routes", "saved_routes"]

Name = Annotated[
    str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$", examples=["good_cubes"])
]
_KEEPING = problems(
    SavedNotFound, ProjectNotWritable, QueryInvalid, UnknownAttribute, EditClash
)
_ASKING = problems(
    SavedNotFound,
    QueryInvalid,
    UnknownAttribute,
    QueryTooLong,
    FrameNotFound,
    FrameAmbiguous,
)


class ToSave(QueryText):
    """A query as text, and what it is for."""

    doc: Annotated[KeptText, Field(max_length=2000)] = ""


class ToReplace(ToSave):
    """What takes the place of a query."""

    expect: Annotated[int, Field(description="`version` that the editor saw")]


def saved_routes(saved: Saved) -> APIRouter:
    """Give the endpoints that keep queries."""
    router = APIRouter(prefix="/saved", tags=["saved"])

    @router.get("", summary="Saved queries, by project and name")
    async def list_saved(
        caller: CurrentPrincipal,
        project: Annotated[str | None, Query(description="none: all yours")] = None,
    ) -> list[SavedQuery]:
        return await saved.all(caller, project)

    @router.get("/{project}/{name}", summary="A saved query", responses=_ASKING)
    async def get_saved(
        caller: CurrentPrincipal, project: str, name: str
    ) -> SavedQuery:
        return await saved.get(caller, project, name)

    @router.post(
        "/{project}/{name}",
        summary="Keep a query under a new name",
        status_code=201,
        responses={**_KEEPING, **problems(SavedExists)},
    )
    async def keep_query(
        caller: CurrentPrincipal, project: str, name: Name, asked: ToSave
    ) -> SavedQuery:
        return await saved.create(caller, project, name, asked.query(), asked.doc)

    @router.put("/{project}/{name}", summary="Replace a query", responses=_KEEPING)
    async def replace_query(
        caller: CurrentPrincipal, project: str, name: Name, asked: ToReplace
    ) -> SavedQuery:
        new = {"query": asked.query(), "doc": asked.doc}

        def change(old: SavedRecord) -> SavedRecord:
            return old.model_copy(update=new)

        return await saved.replace(caller, project, name, change, expect=asked.expect)

    @router.delete(
        "/{project}/{name}",
        summary="Forget a query; only its owner may",
        status_code=204,
        responses=problems(SavedNotFound, NotOwner),
    )
    async def forget_query(caller: CurrentPrincipal, project: str, name: str) -> None:
        await saved.delete(caller, project, name)

    return router


def answer_routes(saved: Saved, objects: Objects) -> APIRouter:
    """Give the endpoints that ask a saved query."""
    router = APIRouter(prefix="/saved/{project}/{name}", tags=["saved"])

    @router.get("/objects", summary="Objects that fit it", responses=_ASKING)
    async def saved_objects(
        caller: CurrentPrincipal,
        project: str,
        name: str,
        limit: Limit = 100,
        after: After = None,
    ) -> ObjectPage:
        query = (await saved.get(caller, project, name)).query
        return await objects.page(caller, query, limit=limit, after=after)

    @router.get("/table", summary="Its columns of these", responses=_ASKING)
    async def saved_table(
        caller: CurrentPrincipal,
        project: str,
        name: str,
        limit: Limit = 100,
        after: After = None,
    ) -> ObjectTable:
        query = (await saved.get(caller, project, name)).query
        return await objects.table(caller, query, limit=limit, after=after)

    @router.get("/count", summary="How many fit it", responses=_ASKING)
    async def saved_count(
        caller: CurrentPrincipal, project: str, name: str
    ) -> ObjectCount:
        query = (await saved.get(caller, project, name)).query
        return await objects.count(caller, query)

    return router
