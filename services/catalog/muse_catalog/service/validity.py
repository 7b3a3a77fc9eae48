"""What people say of frames; the history of it is kept."""

from muse_catalog.models import Frame, ValidityChange, ValidityEntry
from muse_catalog.rules import require_member
from muse_catalog.service.queries import find_frame
from muse_catalog.store import FrameStore, MakingStore
from musecore.db import Database
from musecore.identity import Principal
from musecore.messages import FrameChanged
from musecore.outbox import publish
from musecore.times import utcnow

__all__ = ["Validity"]


class Validity:
    """Lets people say whether frames may be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(
        self, caller: Principal, frame_id: str, change: ValidityChange
    ) -> Frame:
        """Say whether a frame may be used, and why.

        Raises
        ------
        FrameNotFound, FrameAmbiguous
        ProjectNotWritable
            The caller sees the frame (a static) and is no member of its project.
        """
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            require_member(caller, frame.project)
            await FrameStore(tx).set_validity(
                frame.frame_id, change.is_valid, change.reason
            )
            entry = ValidityEntry(
                is_valid=change.is_valid,
                reason=change.reason,
                by=caller.subject,
                at=utcnow(),
            )
            await MakingStore(tx).add_validity(frame.frame_id, entry)
            await publish(
                tx,
                FrameChanged(
                    file_id=frame.file_id,
                    frame_ids=[frame.frame_id],
                    is_valid=change.is_valid,
                    quality_flags=frame.quality_flags,
                    reason=change.reason,
                    by=caller.subject,
                ),
            )
            return await find_frame(tx, caller, str(frame.frame_id))

    async def history(self, caller: Principal, frame_id: str) -> list[ValidityEntry]:
        """Give what was said of a frame, oldest first."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            return await MakingStore(tx).validity(frame.frame_id)
