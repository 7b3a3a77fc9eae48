"""Keeping what was delivered: the part that files and metadata rows share."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from muse_catalog.models import FileRecord
from muse_catalog.rules import flags_with_template
from muse_catalog.service.reading import Draft, ingested
from muse_catalog.store import FrameStore
from musecore.db import Transaction
from musecore.messages import FrameChanged
from musecore.muse.schema import MuseModel
from musecore.outbox import publish, publish_many

__all__ = ["Keeper"]


class Keeper:
    """Writes delivered files and watches over the completeness of their templates."""

    def __init__(self, model: MuseModel) -> None:
        self._by_template = {
            entry.tag
            for entry in model.frames.classes
            if entry.kind == "raw" and entry.group_by == "tpl_start"
        }

    async def keep(
        self, tx: Transaction, project: str, drafts: Sequence[Draft]
    ) -> None:
        """Add files of a project with their frames, and tell of them.

        The flag of an incomplete template is set or cleared on all its files.
        """
        store = FrameStore(tx)
        files = [draft.file for draft in drafts]
        templates = sorted(
            {one.tpl_start for one in files if one.tpl_start and self._grouped(one)}
        )
        # Two files of one template that arrive together must see each other.
        for tpl_start in templates:
            await store.lock(f"template {project} {tpl_start}")
        await store.add_files(files)
        await store.add_frames([one for draft in drafts for one in draft.frames])
        await publish_many(tx, [(ingested(draft), None, 0) for draft in drafts])
        if templates:
            new = {file.file_id for file in files}
            await self._look_at_templates(tx, project, templates, new)

    def _grouped(self, file: FileRecord) -> bool:
        return file.tag in self._by_template

    async def _look_at_templates(
        self, tx: Transaction, project: str, templates: Sequence[str], new: set[UUID]
    ) -> None:
        store = FrameStore(tx)
        by_template: dict[str | None, list[FileRecord]] = {}
        for file in await store.of_templates(project, templates):
            by_template.setdefault(file.tpl_start, []).append(file)
        for files in by_template.values():
            complete = _is_complete(files)
            for file in filter(self._grouped, files):
                flags = flags_with_template(file.quality_flags, complete=complete)
                if flags != file.quality_flags:
                    await store.set_flags(file.file_id, flags)
                    if file.file_id not in new:
                        await _tell_of_flags(tx, file, flags)


def _is_complete(files: Iterable[FileRecord]) -> bool:
    """Tell whether a template's exposures are all here; yes if nobody says how many."""
    files = list(files)
    wanted = max((file.tpl_nexp or 0 for file in files), default=0)
    return len({file.arcfile for file in files}) >= wanted


async def _tell_of_flags(tx: Transaction, file: FileRecord, flags: list[str]) -> None:
    frames = await FrameStore(tx).frames_of([file.file_id])
    said = {frame.verdict for frame in frames}
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
