"""HTTP: queries on objects, in text or as a tree."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from muse_catalog.models.objects import (
    ClassInfo,
    Facet,
    ObjectCount,
    ObjectPage,
    ObjectTable,
    QueryForms,
)
from muse_catalog.models.query import ObjectQuery
from muse_catalog.rules import (
    FrameAmbiguous,
    FrameNotFound,
    NoSuchPlace,
    ProjectClosed,
    QueryInvalid,
    QueryTooLong,
    UnknownAttribute,
    aggregates_of,
    columns_of,
    condition_of,
    order_of,
)
from muse_catalog.service import Objects
from musecore.web import CurrentPrincipal, problems, while_connected

__all__ = ["QUERY_ERRORS", "QueryText", "form_routes", "object_routes"]

QUERY_ERRORS = problems(
    QueryInvalid,
    UnknownAttribute,
    NoSuchPlace,
    QueryTooLong,
    ProjectClosed,
    FrameNotFound,
    FrameAmbiguous,
)
MODEL_HEADER = "X-Musewise-Model"
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

    group: Annotated[str, Field(description="ins_mode, nifu: a row for each")] = ""
    agg: Annotated[
        str,
        Field(
            description="n=count, fwhm=median(fwhm); count, min, max, mean, median, "
            "stddev of each group"
        ),
    ] = ""

    def query(self) -> ObjectQuery:
        """Read it.

        Raises
        ------
        QueryInvalid
        """
        try:
            return ObjectQuery(
                tag=self.tag,
                where=None if self.q is None else condition_of(self.q),
                order=order_of(self.order),
                columns=columns_of(self.columns),
                projects=tuple(
                    one.strip() for one in self.projects.split(",") if one.strip()
                ),
                group=columns_of(self.group),
                aggregates=aggregates_of(self.agg),
            )
        except ValidationError as error:
            said = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise QueryInvalid(f"{said[0].upper()}{said[1:]}.") from None


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


def _json(answer: ObjectPage | ObjectTable, objects: Objects) -> Response:
    """Write an answer once: FastAPI would check it again, and copy it."""
    return Response(
        answer.model_dump_json(),
        media_type="application/json",
        headers={MODEL_HEADER: str(objects.model_number)},
    )


def _model_told(objects: Objects) -> Any:
    """Give a dependency that names the version of the model in every answer."""

    def tell(request: Request, response: Response) -> None:
        response.headers[MODEL_HEADER] = str(objects.model_number)

    return Depends(tell)


def object_routes(objects: Objects) -> APIRouter:
    """Give the endpoints of queries."""
    router = APIRouter(
        prefix="/objects", tags=["objects"], dependencies=[_model_told(objects)]
    )

    @router.get(
        "",
        summary="Objects that fit a query",
        responses=QUERY_ERRORS,
        response_model=ObjectPage,
    )
    async def get_objects(
        request: Request, caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> Response:
        page = await while_connected(
            request,
            objects.page(caller, asked.query(), limit=asked.limit, after=asked.after),
        )
        return _json(page, objects)

    @router.post(
        "",
        summary="Objects that fit a query, as a tree",
        responses=QUERY_ERRORS,
        response_model=ObjectPage,
    )
    async def ask_objects(
        request: Request, caller: CurrentPrincipal, asked: Paged
    ) -> Response:
        page = await while_connected(
            request,
            objects.page(caller, asked.query, limit=asked.limit, after=asked.after),
        )
        return _json(page, objects)

    @router.get(
        "/table",
        summary="Some columns of the objects",
        responses=QUERY_ERRORS,
        response_model=ObjectTable,
    )
    async def get_table(
        request: Request, caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> Response:
        table = await while_connected(
            request,
            objects.table(caller, asked.query(), limit=asked.limit, after=asked.after),
        )
        return _json(table, objects)

    @router.post(
        "/table",
        summary="Some columns of the objects, as a tree",
        responses=QUERY_ERRORS,
    )
    async def ask_table(
        request: Request, caller: CurrentPrincipal, asked: Paged
    ) -> ObjectTable:
        return await while_connected(
            request,
            objects.table(caller, asked.query, limit=asked.limit, after=asked.after),
        )

    @router.get(
        "/facets",
        summary="Values of attributes, with the number of objects that have each",
        description="`columns` names the attributes, `limit` how many values of each.",
        responses=QUERY_ERRORS,
    )
    async def get_facets(
        request: Request, caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> list[Facet]:
        query = asked.query()
        return await while_connected(
            request, objects.facets(caller, query, query.columns, asked.limit)
        )

    @router.get("/count", summary="How many objects fit", responses=QUERY_ERRORS)
    async def get_count(
        request: Request, caller: CurrentPrincipal, asked: Annotated[QueryText, Query()]
    ) -> ObjectCount:
        return await while_connected(request, objects.count(caller, asked.query()))

    return router


def form_routes(objects: Objects) -> APIRouter:
    """Give the endpoints about queries: their forms, their plans, what they may name."""
    router = APIRouter(
        prefix="/objects", tags=["objects"], dependencies=[_model_told(objects)]
    )

    @router.get(
        "/explain",
        summary="How PostgreSQL would answer",
        description="The plan of the first page, as lines of text.",
        responses=QUERY_ERRORS,
    )
    async def get_explanation(
        caller: CurrentPrincipal, asked: Annotated[PageText, Query()]
    ) -> list[str]:
        return await objects.explain(caller, asked.query(), limit=asked.limit)

    @router.get("/forms", summary="A query in all its forms", responses=QUERY_ERRORS)
    async def get_forms(
        caller: CurrentPrincipal, asked: Annotated[QueryText, Query()]
    ) -> QueryForms:
        return objects.forms(asked.query())

    @router.post("/forms", summary="A tree in all its forms", responses=QUERY_ERRORS)
    async def make_forms(caller: CurrentPrincipal, query: ObjectQuery) -> QueryForms:
        return objects.forms(query)

    @router.get("/classes", summary="Classes of objects and their attributes")
    async def get_classes(caller: CurrentPrincipal) -> list[ClassInfo]:
        return objects.classes()

    return router
