"""HTTP: queries on objects, in text or as a tree."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from muse_catalog.models.objects import (
    ClassInfo,
    ObjectCount,
    ObjectPage,
    ObjectTable,
    QueryForms,
)
from muse_catalog.models.query import ObjectQuery
from muse_catalog.rules import (
    FrameAmbiguous,
    FrameNotFound,
    QueryInvalid,
    QueryTooLong,
    UnknownAttribute,
    columns_of,
    condition_of,
    order_of,
)
from muse_catalog.service import Objects
from musecore.web import CurrentPrincipal, problems

__all__ = ["form_routes", "object_routes"]

_ERRORS = problems(
    QueryInvalid, UnknownAttribute, QueryTooLong, FrameNotFound, FrameAmbiguous
)
After = Annotated[str | None, Field(description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=10_000)]


class QueryText(BaseModel):
    """A query as text."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    tag: Annotated[
        str | None,
        Field(alias="class", description="BIAS, DATACUBE_FINAL; none: of all classes"),
    ] = None
    q: Annotated[
        str | None,
        Field(description='night == 2014-01-31 & (ron > 3.1 | target ~ "HDFS*")'),
    ] = None
    order: Annotated[str, Field(description="-ron, nifu")] = ""
    columns: Annotated[str, Field(description="nifu, ron, DATE_OBS")] = ""
    projects: Annotated[str, Field(description="names with commas between")] = ""

    def query(self) -> ObjectQuery:
        """Read it.

        Raises
        ------
        QueryInvalid
        """
        return ObjectQuery(
            tag=self.tag,
            where=None if self.q is None else condition_of(self.q),
            order=order_of(self.order),
            columns=columns_of(self.columns),
            projects=tuple(
                one.strip() for one in self.projects.split(",") if one.strip()
            ),
        )


class PageText(QueryText):
    """A query as text, and which page of the answer."""

    limit: Limit = 100
    after: After = None


class Paged(BaseModel):
    """A query as a tree, and which page of the answer."""

    model_config = ConfigDict(extra="forbid")

    query: ObjectQuery
    limit: Limit = 100
    after: After = None


def _json(answer: ObjectPage | ObjectTable) -> Response:
    """Write an answer once: FastAPI would check it again, and copy it."""
    return Response(answer.model_dump_json(), media_type="application/json")


def object_routes(objects: Objects) -> APIRouter:
    """Give the endpoints of queries."""
    router = APIRouter(prefix="/objects", tags=["objects"])

    @router.get(
        "",
        summary="Objects that fit a query",
        responses=_ERRORS,
        response_model=ObjectPage,
    )
    async def get_objects(
        caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> Response:
        page = await objects.page(
            caller, asked.query(), limit=asked.limit, after=asked.after
        )
        return _json(page)

    @router.post(
        "",
        summary="Objects that fit a query, as a tree",
        responses=_ERRORS,
        response_model=ObjectPage,
    )
    async def ask_objects(caller: CurrentPrincipal, asked: Paged) -> Response:
        page = await objects.page(
            caller, asked.query, limit=asked.limit, after=asked.after
        )
        return _json(page)

    @router.get(
        "/table",
        summary="Some columns of the objects",
        responses=_ERRORS,
        response_model=ObjectTable,
    )
    async def get_table(
        caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> Response:
        table = await objects.table(
            caller, asked.query(), limit=asked.limit, after=asked.after
        )
        return _json(table)

    @router.get("/count", summary="How many objects fit", responses=_ERRORS)
    async def get_count(
        caller: CurrentPrincipal, asked: Annotated[QueryText, Query()]
    ) -> ObjectCount:
        return await objects.count(caller, asked.query())

    return router


def form_routes(objects: Objects) -> APIRouter:
    """Give the endpoints about queries: their forms, their plans, what they may name."""
    router = APIRouter(prefix="/objects", tags=["objects"])

    @router.get(
        "/explain",
        summary="How PostgreSQL would answer",
        description="The plan of the first page, as lines of text.",
        responses=_ERRORS,
    )
    async def get_explanation(
        caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> list[str]:
        return await objects.explain(caller, asked.query(), limit=asked.limit)

    @router.get("/forms", summary="A query in all its forms", responses=_ERRORS)
    async def get_forms(
        caller: CurrentPrincipal, asked: Annotated[QueryText, Query()]
    ) -> QueryForms:
        return objects.forms(asked.query())

    @router.post("/forms", summary="A tree in all its forms", responses=_ERRORS)
    async def make_forms(caller: CurrentPrincipal, query: ObjectQuery) -> QueryForms:
        return objects.forms(query)

    @router.get("/classes", summary="Classes of objects and their attributes")
    async def get_classes(caller: CurrentPrincipal) -> list[ClassInfo]:
        return objects.classes()

    return router
