"""Keeping what was delivered: the part that files and metadata rows share."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from muse_catalog.models import FileRecord
from muse_catalog.rules import flags_with_template
from muse_catalog.service.reading import Draft, ingested
from muse_catalog.service.references import Matcher
from muse_catalog.store import FrameStore, LoadingStore, OfTemplate
from musecore.db import Transaction
from musecore.messages import FrameChanged
from musecore.muse.schema import MuseModel
from musecore.outbox import publish, publish_many

__all__ = ["Keeper"]


class Keeper:
    """Writes delivered files and watches over the completeness of their templates."""

    def __init__(self, model: MuseModel) -> None:
        self._matcher = Matcher(model)
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
        files = [draft.file for draft in drafts]
        templates = sorted(
            {one.tpl_start for one in files if one.tpl_start and self._grouped(one)}
        )
        if templates:
            # Two files of one template that arrive together must see each other.
            names = (f"template {project} {tpl_start}" for tpl_start in templates)
            await FrameStore(tx).lock(*names)
            files = await self._with_flags(tx, project, templates, files)
        loading = LoadingStore(tx)
        await loading.add_files(files)
        await loading.add_frames([one for draft in drafts for one in draft.frames])
        await publish_many(tx, [(ingested(draft), None, 0) for draft in drafts])
        await self._matcher.match(tx, drafts)

    def _grouped(self, file: FileRecord | OfTemplate) -> bool:
        return file.tag in self._by_template

    async def _with_flags(
        self,
        tx: Transaction,
        project: str,
        templates: Sequence[str],
        files: Sequence[FileRecord],
    ) -> list[FileRecord]:
        """Set the flag of incomplete templates on new files, and on those here."""
        by_template: dict[str | None, list[FileRecord | OfTemplate]] = {}
        for known in await FrameStore(tx).of_templates(project, templates):
            by_template.setdefault(known.tpl_start, []).append(known)
        for file in files:
            if file.kind == "raw":
                by_template.setdefault(file.tpl_start, []).append(file)
        changed: dict[UUID, list[str]] = {}
        for tpl_start in templates:
            some = by_template.get(tpl_start, [])
            complete = _is_complete(some)
            for one in filter(self._grouped, some):
                flags = flags_with_template(one.quality_flags, complete=complete)
                if flags != one.quality_flags:
                    changed[one.file_id] = flags
        new = {file.file_id for file in files}
        for file_id in changed.keys() - new:
            await FrameStore(tx).set_flags(file_id, changed[file_id])
            await _tell_of_flags(tx, file_id, changed[file_id])
        return [_flagged(file, changed.get(file.file_id)) for file in files]


def _flagged(file: FileRecord, flags: list[str] | None) -> FileRecord:
    return file if flags is None else file.model_copy(update={"quality_flags": flags})


def _is_complete(files: Iterable[FileRecord | OfTemplate]) -> bool:
    """Tell whether a template's exposures are all here; yes if nobody says how many."""
    files = list(files)
    wanted = max((file.tpl_nexp or 0 for file in files), default=0)
    return len({file.arcfile for file in files}) >= wanted


async def _tell_of_flags(tx: Transaction, file_id: UUID, flags: list[str]) -> None:
    frames = await FrameStore(tx).frames_of([file_id])
    said = {frame.verdict for frame in frames}
    await publish(
        tx,
        FrameChanged(
            file_id=file_id,
            frame_ids=[frame.frame_id for frame in frames],
            is_valid=said.pop() if len(said) == 1 else None,
            quality_flags=flags,
            reason="exposures of the template arrived",
            by="catalog",
        ),
    )
