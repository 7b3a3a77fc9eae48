"""HTTP: answers of any size, line by line or as a file of some format."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from muse_catalog.api.objects import QUERY_ERRORS, QueryText
from muse_catalog.models.query import ObjectQuery
from muse_catalog.providers import FileList, TableWriter, WgetScript, table_writer
from muse_catalog.service import Streams
from musecore.errors import MuseError, problem_of
from musecore.log import correlation_id, get_logger
from musecore.web import CurrentPrincipal, while_connected

__all__ = ["stream_routes"]

log = get_logger(__name__)

ALIVE_S = 10.0
"""After so many seconds without a line an empty one is sent."""

AtMost = Annotated[int | None, Field(ge=0, description="so many rows at most")]
Format = Literal[
    "csv", "ecsv", "jsonl", "votable", "fits", "parquet", "arrow", "files", "wget"
]
_LINES = "application/x-ndjson"
_HOW = (
    'Lines of JSON: first `{"columns": […]}`, then a line for each row: a list where '
    "the query names columns or groups, else the whole object. An empty line is sent "
    'when there is nothing else to say. The last line is `{"complete": true, "count": '
    'N}`, or `{"problem": {…}}`; an answer without it was broken off.'
)


class StreamText(QueryText):
    """A query as text, and how many rows at most."""

    limit: AtMost = None


class StreamTree(BaseModel):
    """A query as a tree, and how many rows at most."""

    model_config = ConfigDict(extra="forbid")

    query: ObjectQuery
    limit: AtMost = None


class ExportText(StreamText):
    """A query as text, and which format."""

    format: Format
    storage: Annotated[
        str,
        Field(description="for wget: address of the storage gateway", pattern=r"^\S*$"),
    ] = ""


class ExportTree(StreamTree):
    """A query as a tree, and which format."""

    format: Format
    storage: Annotated[str, Field(pattern=r"^\S*$")] = ""


def stream_routes(streams: Streams) -> APIRouter:
    """Give the endpoints of large answers."""
    router = APIRouter(prefix="/objects", tags=["objects"])
    declared: dict[str, Any] = {
        "responses": QUERY_ERRORS,
        "response_class": StreamingResponse,
    }

    @router.get("/stream", summary="All that fits", description=_HOW, **declared)
    async def get_stream(
        request: Request,
        caller: CurrentPrincipal,
        asked: Annotated[StreamText, Query()],
    ) -> StreamingResponse:
        sheets = streams.sheets(caller, asked.query(), asked.limit)
        return await _as_lines(request, sheets)

    @router.post("/stream", summary="All that fits a tree", **declared)
    async def ask_stream(
        request: Request, caller: CurrentPrincipal, asked: StreamTree
    ) -> StreamingResponse:
        sheets = streams.sheets(caller, asked.query, asked.limit)
        return await _as_lines(request, sheets)

    @router.get(
        "/export",
        summary="All that fits, as a file",
        description="A connection that ends before the answer does was broken off. "
        "`files` lists sums and names of the files, `wget` is a script that fetches "
        "them.",
        **declared,
    )
    async def get_export(
        request: Request,
        caller: CurrentPrincipal,
        asked: Annotated[ExportText, Query()],
    ) -> StreamingResponse:
        pieces, writer = _export(request, streams, caller, asked.query(), asked)
        return await _as_file(request, pieces, writer, asked.tag)

    @router.post("/export", summary="All that fits a tree, as a file", **declared)
    async def ask_export(
        request: Request, caller: CurrentPrincipal, asked: ExportTree
    ) -> StreamingResponse:
        pieces, writer = _export(request, streams, caller, asked.query, asked)
        return await _as_file(request, pieces, writer, asked.query.tag)

    return router


def _beside(request: Request) -> str:
    """Give the address of the storage gateway where it is served beside us."""
    base = str(request.base_url).rstrip("/")
    whole = base.removesuffix("/catalog")
    return "" if whole == base else f"{whole}/storage"


# -- lines
async def _as_lines(request: Request, sheets: AsyncIterator[Any]) -> StreamingResponse:
    """Answer line by line; what is wrong with the query is still an error."""
    first = await while_connected(request, anext(sheets))
    return StreamingResponse(
        alive(_lines(first, sheets), ALIVE_S, b"\n"), media_type=_LINES
    )


async def _lines(first: Any, others: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    columns = [column.model_dump() for column in first.columns]
    yield _line({"columns": columns})
    count = len(first.rows)
    yield b"".join(map(_line, first.rows))
    try:
        async for sheet in others:
            count += len(sheet.rows)
            yield b"".join(map(_line, sheet.rows))
    except MuseError as error:
        log.warning("answer broken off", code=error.code, detail=error.detail)
        yield _line({"problem": problem_of(error, correlation_id()).model_dump()})
    else:
        yield _line({"complete": True, "count": count})


def _line(value: Any) -> bytes:
    return json.dumps(value, default=_json, ensure_ascii=False).encode() + b"\n"


def _json(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


async def alive(
    pieces: AsyncIterator[bytes], seconds: float, sign: bytes
) -> AsyncIterator[bytes]:
    """Give pieces as they come, and a sign of life while none does."""
    coming = asyncio.ensure_future(anext(pieces, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=seconds)
            if not done:
                yield sign
                continue
            piece = coming.result()
            if piece is None:
                return
            coming = asyncio.ensure_future(anext(pieces, None))
            if piece:
                yield piece
    finally:
        coming.cancel()
        await asyncio.wait({coming})


# -- files
def _export(
    request: Request,
    streams: Streams,
    caller: CurrentPrincipal,
    query: ObjectQuery,
    asked: ExportText | ExportTree,
) -> tuple[AsyncIterator[bytes], TableWriter]:
    if asked.format not in ("files", "wget"):
        table = table_writer(asked.format)
        return streams.written(caller, query, table, asked.limit), table
    in_order = asked.limit is None
    writer: TableWriter
    if asked.format == "files":
        writer = FileList(in_order=in_order)
    else:
        storage = asked.storage or _beside(request)
        writer = WgetScript(storage, in_order=in_order)
    return streams.files(caller, query, writer, asked.limit), writer


async def _as_file(
    request: Request,
    pieces: AsyncIterator[bytes],
    writer: TableWriter,
    tag: str | None,
) -> StreamingResponse:
    first = await while_connected(request, anext(pieces, b""))
    called = f"{tag or 'objects'}.{writer.suffix}"
    return StreamingResponse(
        _after(first, pieces),
        media_type=writer.media_type,
        headers={"Content-Disposition": f'attachment; filename="{called}"'},
    )


async def _after(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give all pieces; an error ends the connection, so the reader sees it."""
    yield first
    async for piece in others:
        yield piece
