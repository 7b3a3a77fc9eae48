"""Keeping what was delivered: the part that files and metadata rows share."""

from collections.abc import Sequence

from muse_catalog.models import FileRecord
from muse_catalog.rules import flags_with_template
from muse_catalog.service.reading import Draft, ingested
from muse_catalog.store import FrameStore
from musecore.db import Transaction
from musecore.messages import FrameChanged
from musecore.muse.schema import MuseModel
from musecore.outbox import publish

__all__ = ["Keeper"]


class Keeper:
    """Writes delivered files and watches over the completeness of their templates."""

    def __init__(self, model: MuseModel) -> None:
        self._by_template = {
            entry.tag
            for entry in model.frames.classes
            if entry.kind == "raw" and entry.group_by == "tpl_start"
        }

    async def keep(self, tx: Transaction, draft: Draft) -> None:
        """Add a file with its frames, tell of it, and look at its template."""
        store = FrameStore(tx)
        file = draft.file
        grouped = file.tag in self._by_template and file.tpl_start is not None
        if grouped:
            await store.lock(f"template {file.project} {file.tpl_start}")
        await store.add_file(file)
        await store.add_frames(draft.frames)
        await publish(tx, ingested(draft))
        if grouped:
            await self._look_at_template(tx, file)

    async def _look_at_template(self, tx: Transaction, new: FileRecord) -> None:
        """Set or clear the flag of an incomplete template on all its files."""
        store = FrameStore(tx)
        assert new.tpl_start is not None
        files = await store.template(new.project, new.tpl_start)
        complete = _is_complete(files)
        for file in files:
            if file.tag not in self._by_template:
                continue
            flags = flags_with_template(file.quality_flags, complete=complete)
            if flags == file.quality_flags:
                continue
            await store.set_flags(file.file_id, flags)
            if file.file_id != new.file_id:
                await _tell_of_flags(tx, file, flags)


def _is_complete(files: Sequence[FileRecord]) -> bool:
    """Tell whether a template's exposures are all here; yes if nobody says how many."""
    wanted = max((file.tpl_nexp or 0 for file in files), default=0)
    return len({file.arcfile for file in files}) >= wanted


async def _tell_of_flags(tx: Transaction, file: FileRecord, flags: list[str]) -> None:
    frames = await FrameStore(tx).frames_of([file.file_id])
    said = {frame.is_valid for frame in frames}
    await publish(
        tx,
        FrameChanged(
            file_id=file.file_id,
            frame_ids=[frame.frame_id for frame in frames],
            is_valid=said.pop() if len(said) == 1 else None,
            quality_flags=flags,
            reason="exposures of the template arrived",
            by="catalog",
        ),
    )
