"""HTTP: what people and limits say of frames."""

from fastapi import APIRouter

from muse_catalog.models import (
    Batch,
    Consequences,
    Frame,
    Remark,
    RemarkToAdd,
    ScoreEntry,
    ValidityChange,
    ValidityEntry,
)
from muse_catalog.rules import (
    EditClash,
    FlagUnknown,
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    ProjectNotWritable,
)
from muse_catalog.service import Quality
from musecore.web import CurrentPrincipal, problems

__all__ = ["quality_routes", "remark_routes"]

_ID_ERRORS = (FrameNotFound, FrameAmbiguous, FrameIdInvalid)


def quality_routes(quality: Quality) -> APIRouter:
    """Give the endpoints of verdicts."""
    router = APIRouter(tags=["quality"])

    @router.patch(
        "/frames/{frame_id}",
        summary="Say whether a frame may be used",
        description="The history is kept.",
        responses=problems(*_ID_ERRORS, ProjectNotWritable, EditClash, FlagUnknown),
    )
    async def change_validity(
        caller: CurrentPrincipal, frame_id: str, change: ValidityChange
    ) -> Frame:
        return await quality.change(caller, frame_id, change)

    @router.get(
        "/frames/{frame_id}/validity",
        summary="What people said of a frame, oldest first",
        responses=problems(*_ID_ERRORS),
    )
    async def get_validity(
        caller: CurrentPrincipal, frame_id: str
    ) -> list[ValidityEntry]:
        return await quality.history(caller, frame_id)

    @router.post(
        "/quality/batch",
        summary="Say something of many frames, all or none",
        description="With `dry_run` nothing is changed: it says what would follow.",
        responses=problems(FrameNotFound, ProjectNotWritable, EditClash, FlagUnknown),
    )
    async def edit_many(caller: CurrentPrincipal, batch: Batch) -> Consequences:
        return await quality.batch(caller, batch)

    return router


def remark_routes(quality: Quality) -> APIRouter:
    """Give the endpoints of comments, assessments and scores."""
    router = APIRouter(prefix="/frames/{frame_id}", tags=["quality"])

    @router.post(
        "/remarks",
        summary="Comment on a frame; with a grade, assess it",
        status_code=201,
        responses=problems(*_ID_ERRORS, ProjectNotWritable),
    )
    async def add_remark(
        caller: CurrentPrincipal, frame_id: str, remark: RemarkToAdd
    ) -> Remark:
        return await quality.remark(caller, frame_id, remark)

    @router.get(
        "/remarks",
        summary="Comments and assessments, oldest first",
        responses=problems(*_ID_ERRORS),
    )
    async def get_remarks(caller: CurrentPrincipal, frame_id: str) -> list[Remark]:
        return await quality.remarks(caller, frame_id)

    @router.get(
        "/scores",
        summary="QC values against limits, newest version of the limits first",
        responses=problems(*_ID_ERRORS),
    )
    async def get_scores(caller: CurrentPrincipal, frame_id: str) -> list[ScoreEntry]:
        return await quality.scores(caller, frame_id)

    return router
