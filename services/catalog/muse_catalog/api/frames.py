"""HTTP: frames, headers, QC values, lineage."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from fastapi.responses import PlainTextResponse
from pydantic import Field

from muse_catalog.models import (
    Direction,
    FileFilter,
    Frame,
    FrameFilter,
    FramePage,
    HeaderText,
    LineageGraph,
    LineageNode,
    LineageRow,
    Night,
    ProductDiff,
    QcRow,
    TemplateSet,
)
from muse_catalog.rules import (
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    Language,
    NoProduct,
)
from muse_catalog.service import Lineage, Queries
from musecore.web import CurrentPrincipal, problems

__all__ = [
    "FrameQuery",
    "frame_routes",
    "lineage_routes",
    "making_routes",
    "summary_routes",
]

Depth = Annotated[
    int | None, Query(ge=0, le=1000, description="so many runs away at most")
]
_ID_ERRORS = (FrameNotFound, FrameAmbiguous, FrameIdInvalid)


class FrameQuery(FrameFilter):
    """A filter and the page wanted."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 100
    after: Annotated[UUID | None, Field(description="`next` of the page before")] = None


def frame_routes(queries: Queries) -> APIRouter:
    """Give the endpoints of single frames and lists of them."""
    router = APIRouter(prefix="/frames", tags=["frames"])

    @router.get(
        "",
        summary="Frames that fit all given values",
        description="In the order of their ids, that is of their arrival.",
    )
    async def list_frames(
        caller: CurrentPrincipal, query: Annotated[FrameQuery, Query()]
    ) -> FramePage:
        wanted = FrameFilter(**query.model_dump(exclude={"limit", "after"}))
        return await queries.frames(
            caller, wanted, limit=query.limit, after=query.after
        )

    @router.get(
        "/{frame_id}",
        summary="One frame",
        description="By its id, or at least its first 8 digits.",
        responses=problems(*_ID_ERRORS),
    )
    async def get_frame(caller: CurrentPrincipal, frame_id: str) -> Frame:
        return await queries.frame(caller, frame_id)

    @router.get(
        "/{frame_id}/header",
        summary="The header of every extension",
        description="With `Accept: text/plain` card for card, 80 columns a line.",
        responses={
            200: {"content": {"text/plain": {}}},
            **problems(*_ID_ERRORS, HduNotFound),
        },
        response_model=HeaderText,
    )
    async def get_header(
        caller: CurrentPrincipal,
        frame_id: str,
        hdu: Annotated[int | None, Query(ge=0)] = None,
        accept: Annotated[str, Header()] = "application/json",
    ) -> HeaderText | PlainTextResponse:
        if accept.startswith("text/plain"):
            text = await queries.header_text(caller, frame_id, hdu)
            return PlainTextResponse(text)
        return await queries.header(caller, frame_id, hdu)

    return router


def lineage_routes(lineage: Lineage) -> APIRouter:
    """Give the endpoints about the kin of a frame."""
    router = APIRouter(prefix="/frames/{frame_id}/lineage", tags=["lineage"])

    @router.get(
        "",
        summary="What a frame was made from, or what was made of it, as a tree",
        description="A subtree that comes again is given by `ref`.",
        responses=problems(*_ID_ERRORS),
    )
    async def get_lineage(
        caller: CurrentPrincipal,
        frame_id: str,
        direction: Direction = "up",
        depth: Depth = None,
    ) -> LineageNode:
        return await lineage.tree(caller, frame_id, direction, depth)

    @router.get(
        "/table",
        summary="The same as rows, nearest first",
        responses=problems(*_ID_ERRORS),
    )
    async def get_lineage_table(
        caller: CurrentPrincipal,
        frame_id: str,
        direction: Direction = "up",
        depth: Depth = None,
    ) -> list[LineageRow]:
        return await lineage.table(caller, frame_id, direction, depth)

    @router.get(
        "/graph", summary="The same as a graph", responses=problems(*_ID_ERRORS)
    )
    async def get_graph(
        caller: CurrentPrincipal,
        frame_id: str,
        direction: Direction = "up",
        depth: Depth = None,
    ) -> LineageGraph:
        return await lineage.graph(caller, frame_id, direction, depth)

    @router.get(
        "/text",
        summary="The graph as text for Graphviz or Mermaid",
        responses=problems(*_ID_ERRORS),
        response_class=PlainTextResponse,
    )
    async def get_text(
        caller: CurrentPrincipal,
        frame_id: str,
        language: Language,
        direction: Direction = "up",
        depth: Depth = None,
    ) -> str:
        return await lineage.text(caller, frame_id, direction, depth, language)

    return router


def making_routes(queries: Queries, lineage: Lineage) -> APIRouter:
    """Give the endpoints about how products were made."""
    router = APIRouter(tags=["products"])

    @router.get(
        "/frames/{frame_id}/qc",
        summary="QC values of a product",
        responses=problems(*_ID_ERRORS),
    )
    async def get_qc(caller: CurrentPrincipal, frame_id: str) -> list[QcRow]:
        return await queries.qc(caller, frame_id)

    @router.get(
        "/diff",
        summary="In what two products differ",
        responses=problems(*_ID_ERRORS, NoProduct),
    )
    async def get_diff(caller: CurrentPrincipal, a: str, b: str) -> ProductDiff:
        return await lineage.diff(caller, a, b)

    return router


def summary_routes(queries: Queries) -> APIRouter:
    """Give the endpoints that count and group."""
    router = APIRouter(tags=["frames"])

    @router.get("/sets", summary="Template sets, oldest first")
    async def get_sets(
        caller: CurrentPrincipal, query: Annotated[FileFilter, Query()]
    ) -> list[TemplateSet]:
        return await queries.sets(caller, query)

    @router.get("/nights", summary="Files by night and class, newest night first")
    async def get_nights(caller: CurrentPrincipal) -> list[Night]:
        return await queries.nights(caller)

    return router
