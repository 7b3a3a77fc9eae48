"""HTTP of the storage gateway."""

import re
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Body, FastAPI, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from muse_storage.models import (
    BadCopy,
    Commit,
    Committed,
    CopyState,
    Mismatch,
    NewUpload,
    OpenUpload,
    Space,
    StoredFile,
)
from muse_storage.policy import (
    ChecksumDiffers,
    FileAway,
    FileEvicted,
    FileNotFound,
    KindNotAllowed,
    PathNotAllowed,
    ProjectNotWritable,
    RangeNotSatisfiable,
    SizeDiffers,
    SourceUnreadable,
    UploadClosed,
    UploadGone,
    UploadIncomplete,
    UploadNotFound,
)
from muse_storage.service import Copies, Holdings, Intake
from musecore.blobs import StorageFull
from musecore.fits import NotFits, TruncatedFits
from musecore.web import CurrentPrincipal, problems

__all__ = ["add_routes"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def add_routes(
    app: FastAPI, intake: Intake, holdings: Holdings, copies: Copies
) -> None:
    """Add the endpoints of the gateway to an app."""
    app.include_router(_uploads(intake))
    app.include_router(_files(holdings))
    app.include_router(_copies(holdings, copies))


def _uploads(intake: Intake) -> APIRouter:
    router = APIRouter(prefix="/uploads", tags=["uploads"])

    @router.post(
        "",
        status_code=201,
        summary="Begin an upload",
        description="Then PUT the bytes (unless `upload` is `link`) and commit.",
        responses=problems(
            KindNotAllowed,
            PathNotAllowed,
            ProjectNotWritable,
            SourceUnreadable,
            StorageFull,
            UploadClosed,
        ),
    )
    async def open_upload(caller: CurrentPrincipal, request: NewUpload) -> OpenUpload:
        return await intake.open_upload(caller, request)

    @router.put(
        "/{file_id}/content",
        summary="Send the bytes of an upload",
        status_code=204,
        responses=problems(UploadNotFound, UploadClosed, UploadGone, StorageFull),
    )
    async def put_content(
        caller: CurrentPrincipal, file_id: UUID, request: Request
    ) -> None:
        await intake.receive(caller, file_id, request.stream())

    @router.post(
        "/{file_id}/commit",
        summary="Verify the bytes and take the file into the inventory",
        description="May be repeated. `duplicate_of` names the file that already "
        "held the same bytes in this project.",
        responses=problems(
            NotFits,
            TruncatedFits,
            ChecksumDiffers,
            SizeDiffers,
            UploadNotFound,
            UploadIncomplete,
            UploadGone,
        ),
    )
    async def commit(
        caller: CurrentPrincipal,
        file_id: UUID,
        request: Annotated[Commit | None, Body()] = None,
    ) -> Committed:
        return await intake.commit(caller, file_id, request or Commit())

    return router


def _files(holdings: Holdings) -> APIRouter:
    router = APIRouter(tags=["files"])

    @router.get(
        "/files/{file_id}",
        summary="The record of a file",
        responses=problems(FileNotFound),
    )
    async def get_file(caller: CurrentPrincipal, file_id: UUID) -> StoredFile:
        return await holdings.file(caller, file_id)

    @router.get(
        "/files/{file_id}/content",
        summary="The bytes of a file",
        description="Takes one byte range.",
        response_class=StreamingResponse,
        responses=problems(FileNotFound, FileEvicted, FileAway, RangeNotSatisfiable),
    )
    async def get_content(
        caller: CurrentPrincipal,
        file_id: UUID,
        range_: Annotated[str | None, Header(alias="range")] = None,
    ) -> Response:
        file = await holdings.readable(caller, file_id)
        wanted = _wanted(range_, file.size)
        start, length = wanted or (0, file.size)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Length": str(length),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename)}",
            "ETag": f'"{file.sha256}"',
        }
        if wanted is not None:
            last = start + length - 1
            headers["Content-Range"] = f"bytes {start}-{last}/{file.size}"
        return StreamingResponse(
            holdings.content(file, start, length),
            status_code=200 if wanted is None else 206,
            media_type=_media_type(file),
            headers=headers,
        )

    @router.get("/space", summary="Room in the site's store")
    async def get_space(_caller: CurrentPrincipal) -> Space:
        return await holdings.space()

    return router


def _copies(holdings: Holdings, copies: Copies) -> APIRouter:
    router = APIRouter(tags=["copies"])

    @router.post(
        "/files/{file_id}/bad-copy",
        summary="Say that other bytes came than those of the file",
        description="The gateway looks at the copy itself, writes down a damaged one, "
        "and replaces it where the site holds the same bytes a second time.",
        responses=problems(FileNotFound, FileEvicted, FileAway),
    )
    async def report_copy(
        caller: CurrentPrincipal, file_id: UUID, heard: Mismatch
    ) -> CopyState:
        file = await holdings.readable(caller, file_id)
        return await copies.look(caller, file, heard.sha256)

    @router.get("/bad-copies", summary="Copies that were found damaged, for operators")
    async def bad_copies(
        caller: CurrentPrincipal, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> list[BadCopy]:
        return await copies.damaged(caller, limit)

    return router


def _media_type(file: StoredFile) -> str:
    return "text/plain; charset=utf-8" if file.kind == "log" else "application/fits"


def _wanted(text: str | None, size: int) -> tuple[int, int] | None:
    """Give start and length of a range in bytes; None for the whole file.

    What is no single byte range is ignored, as RFC 9110 has it.
    """
    found = None if text is None else _RANGE.fullmatch(text.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        start = size - length
    else:
        start = int(found[1])
        last = min(int(found[2]) if found[2] else size - 1, size - 1)
        length = last - start + 1
    if length <= 0:
        raise RangeNotSatisfiable(
            f"The range {text} lies outside the file's {size} bytes.",
            hint=f"Ask for bytes between 0 and {size - 1}.",
        )
    return start, length
