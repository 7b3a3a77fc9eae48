"""Frames that are known by their metadata only: rows of a table, or headers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from muse_catalog.models import Refusal, RefusalRecord, Registered, RegisterRequest
from muse_catalog.rules import require_member
from muse_catalog.service.keeping import Keeper
from muse_catalog.service.readers import Readers
from muse_catalog.service.reading import Draft
from muse_catalog.service.row_reading import ReadRow, Sender
from muse_catalog.store import FrameStore, IntakeStore, LoadingStore, MakingStore
from musecore.db import Database, Transaction
from musecore.identity import Principal
from musecore.muse.schema import MuseModel
from musecore.times import utcnow

__all__ = ["Rows"]

Known = Mapping[str, tuple[UUID, UUID, str]]
"""File, first frame and class, by identity."""


class Rows:
    """Registers frames without bytes."""

    def __init__(self, database: Database, model: MuseModel, readers: Readers) -> None:
        self._database = database
        self._readers = readers
        self._keeper = Keeper(model)

    async def register(
        self, caller: Principal, request: RegisterRequest
    ) -> list[Registered]:
        """Register rows, each for itself: a refused one does not stop the others.

        May be repeated; a row that is known changes nothing. Rows are kept part by
        part, a transaction each, while the next ones are read.

        Raises
        ------
        ProjectNotWritable
        """
        require_member(caller, request.project)
        sender = Sender(caller.subject, request.project)
        answers: list[Registered] = []
        async for read in self._readers.read(sender, request.rows):
            answers += await self._write(sender, read)
        return answers

    async def _write(self, sender: Sender, read: Sequence[ReadRow]) -> list[Registered]:
        project = sender.project
        async with self._database.begin() as tx:
            store = FrameStore(tx)
            await store.lock(f"register {project}")
            known = await store.registered(project, [one.identity for one in read])
            new = _new(read, known)
            await self._keep(tx, project, new)
            for one in read:
                if isinstance(one.draft, Refusal):
                    await self._refuse(tx, sender, one, one.draft)
        return _answers(read, known, new)

    async def _keep(
        self, tx: Transaction, project: str, new: Mapping[str, ReadRow]
    ) -> None:
        drafts = {key: _draft(new[key]) for key in new}
        ids = {key: drafts[key].file.file_id for key in new}
        await IntakeStore(tx).forget_refusals(list(new), project)
        await self._keeper.keep(tx, project, list(drafts.values()))
        loading = LoadingStore(tx)
        packed = {ids[key]: new[key].packed for key in new}
        await loading.add_headers({key: one for key, one in packed.items() if one})
        given = {ids[key]: new[key].given for key in new}
        await loading.add_given({key: one for key, one in given.items() if one})
        await loading.add_keywords(
            (ids[key], hdu) for key in new for hdu in new[key].keywords
        )
        await MakingStore(tx).add_qc_of(
            (drafts[key].frames[0].frame_id, new[key].qc) for key in new
        )

    @staticmethod
    async def _refuse(
        tx: Transaction, sender: Sender, read: ReadRow, refusal: Refusal
    ) -> None:
        record = RefusalRecord(
            file_id=None,
            filename=read.name,
            project=sender.project,
            owner=sender.owner,
            sha256=read.identity,
            size=0,
            at=utcnow(),
            **refusal.model_dump(),
        )
        await IntakeStore(tx).add_refusal(read.identity, record)


def _draft(read: ReadRow) -> Draft:
    assert isinstance(read.draft, Draft)
    return read.draft


def _new(read: Sequence[ReadRow], known: Known) -> dict[str, ReadRow]:
    """Give what is to be added, by identity; a row that comes twice counts once."""
    return {
        one.identity: one
        for one in reversed(read)
        if isinstance(one.draft, Draft) and one.identity not in known
    }


def _answers(
    read: Sequence[ReadRow], known: Known, new: Mapping[str, ReadRow]
) -> list[Registered]:
    said: set[str] = set(known)
    answers = []
    for one in read:
        if isinstance(one.draft, Refusal):
            answers.append(_refused(one, one.draft))
            continue
        added = new.get(one.identity)
        found = known[one.identity] if added is None else _ids(_draft(added))
        answers.append(_registered(one, found, is_known=one.identity in said))
        said.add(one.identity)
    return answers


def _ids(draft: Draft) -> tuple[UUID, UUID, str]:
    return draft.file.file_id, draft.frames[0].frame_id, draft.file.tag


def _refused(read: ReadRow, refusal: Refusal) -> Registered:
    return Registered(
        name=read.name,
        state="refused",
        tag=None,
        file_id=None,
        frame_id=None,
        code=refusal.code,
        detail=" ".join(filter(None, (refusal.detail, refusal.hint))),
    )


def _registered(
    read: ReadRow, found: tuple[UUID, UUID, str], *, is_known: bool
) -> Registered:
    file_id, frame_id, tag = found
    return Registered(
        name=read.name,
        state="known" if is_known else "registered",
        tag=tag,
        file_id=file_id,
        frame_id=frame_id,
        code=None,
        detail=None,
    )
