"""Files and frames: SQL. Takes a transaction, gives models, never commits."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    case,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from muse_catalog.models import (
    Access,
    FileFilter,
    FileRecord,
    Frame,
    FrameFilter,
    FrameRecord,
    Night,
    TemplateSet,
)
from muse_catalog.store.loading import KeywordsOfHdu, LoadingStore
from muse_catalog.store.many import one_of, texts
from muse_catalog.store.said import FLAGS, VALIDITY
from muse_catalog.tables import FileRow, FrameRow, GivenRow, HeaderRow
from musecore.db import Transaction

__all__ = ["FrameStore", "OfTemplate", "seen", "visible"]

_FRAME = FrameRow.__table__.c
_FILE = FileRow.__table__.c
_SAID = {"is_valid": VALIDITY, "verdict": _FRAME.is_valid, "quality_flags": FLAGS}
_COLUMNS: list[ColumnElement[Any]] = [
    _SAID[name].label(name)
    if name in _SAID
    else (_FRAME if name in _FRAME else _FILE)[name]
    for name in Frame.model_fields
]
_JOINED = FrameRow.__table__.join(FileRow.__table__, _FRAME.file_id == _FILE.file_id)


def visible(access: Access) -> ColumnElement[bool]:
    """Give the condition on ``frame`` for what `access` lets one know of."""
    if access.everything:
        return true()
    return _open(_FRAME, access)


def seen(access: Access) -> ColumnElement[bool]:
    """Give `visible` as a condition on ``file``."""
    return true() if access.everything else _open(_FILE, access)


def _open(table: Any, access: Access) -> ColumnElement[bool]:
    return or_(table.project.in_(access.projects), table.kind == "static")


def _asked(wanted: FileFilter, first: Any = _FRAME) -> list[ColumnElement[bool]]:
    """Give the conditions of a filter, on columns of `first` where it has them."""
    given = wanted.model_dump(exclude_none=True)
    said = {"is_valid": func.coalesce(VALIDITY, "unknown")}
    columns = {
        name: said.get(name, first[name] if name in first else _FILE.get(name))
        for name in given
    }
    return [columns[name] == given[name] for name in given]


def _frame(row: Any) -> Frame:
    return Frame.model_validate(dict(row._mapping))


class OfTemplate(NamedTuple):
    """A raw file as its template sees it."""

    tpl_start: str | None
    file_id: UUID
    tag: str
    arcfile: str
    tpl_nexp: int | None
    quality_flags: list[str]


class FrameStore:
    """Files and their frames, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    # ---------------------------------------------------------------- writing
    async def lock(self, *what: str) -> None:
        """Let transactions about the same things take turns; in the order given."""
        await self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(w, 0)) "
            "FROM unnest(CAST(:what AS text[])) WITH ORDINALITY AS o(w, n) ORDER BY n",
            {"what": list(what)},
        )

    async def add_file(self, file: FileRecord) -> bool:
        """Add a file; False when it is there already."""
        done = await self._tx.session.execute(
            insert(FileRow)
            .values(file.model_dump())
            .on_conflict_do_nothing(index_elements=[FileRow.file_id])
            .returning(FileRow.file_id)
        )
        return done.scalar() is not None

    async def add_frames(self, frames: Sequence[FrameRecord]) -> None:
        """Add the frames of files that were just added."""
        await LoadingStore(self._tx).add_frames(frames)

    async def add_header(self, file_id: UUID, packed: bytes) -> None:
        """Keep all headers of a file."""
        await self._tx.session.execute(
            insert(HeaderRow).values(file_id=file_id, packed=packed)
        )

    async def add_keywords(
        self, file_id: UUID, hdus: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> None:
        """Keep the keywords of each HDU (EXTNAME, keywords) so that they are found."""
        await LoadingStore(self._tx).add_keywords(
            (file_id, KeywordsOfHdu.of(n, extname, found))
            for n, (extname, found) in enumerate(hdus)
        )

    async def set_state(
        self, file_id: UUID, state: str, object_key: str | None
    ) -> bool:
        """Say where the bytes of a file are; False when it is unknown."""
        done = await self._tx.session.execute(
            update(FileRow)
            .where(FileRow.file_id == file_id)
            .values(state=state, object_key=object_key)
            .returning(FileRow.file_id)
        )
        return done.scalar() is not None

    async def set_flags(self, file_id: UUID, flags: list[str]) -> None:
        """Set the quality flags of a file."""
        await self._tx.session.execute(
            update(FileRow)
            .where(FileRow.file_id == file_id)
            .values(quality_flags=flags)
        )

    # ---------------------------------------------------------------- files
    async def _files(self, condition: ColumnElement[bool]) -> list[FileRecord]:
        columns = [_FILE[name] for name in FileRecord.model_fields]
        found = await self._tx.session.execute(select(*columns).where(condition))
        return [FileRecord.model_validate(dict(row._mapping)) for row in found]

    async def file(self, file_id: UUID) -> FileRecord | None:
        """Give a file by its id."""
        found = await self._files(_FILE.file_id == file_id)
        return found[0] if found else None

    async def files(self, file_ids: Sequence[UUID]) -> dict[UUID, FileRecord]:
        """Give files by their ids."""
        found = await self._files(one_of(_FILE.file_id, file_ids))
        return {file.file_id: file for file in found}

    async def by_content(
        self, project: str, sha256: Sequence[str]
    ) -> dict[str, FileRecord]:
        """Give the files of a project by their sha256, delivered ones first."""
        same = and_(_FILE.project == project, _FILE.sha256 == any_(texts(sha256)))
        # Two questions: what people deliver and what tasks make have an index each.
        made = await self._files(and_(same, _FILE.task_id.is_not(None)))
        delivered = await self._files(and_(same, _FILE.task_id.is_(None)))
        return {file.sha256: file for file in (*made, *delivered)}

    async def registered(
        self, project: str, sha256: Sequence[str]
    ) -> dict[str, tuple[UUID, UUID, str]]:
        """Give file, first frame and class of what was delivered, by sha256."""
        found = await self._tx.execute(
            # One by one from the index, whatever PostgreSQL knows of the tables.
            "SELECT f.sha256, f.file_id, o.frame_id, f.tag "
            "FROM unnest(CAST(:sha256 AS text[])) AS given(sha256), LATERAL ("
            "SELECT * FROM file WHERE project = :project AND task_id IS NULL "
            "AND sha256 = given.sha256 LIMIT 1) f, LATERAL (SELECT frame_id "
            "FROM frame WHERE file_id = f.file_id ORDER BY ifu NULLS FIRST LIMIT 1) o",
            {"project": project, "sha256": list(sha256)},
        )
        return {row[0]: (row[1], row[2], row[3]) for row in found}

    async def of_templates(
        self, project: str, templates: Sequence[str]
    ) -> list[OfTemplate]:
        """Give the raw files that templates took, by their TPL.START."""
        found = await self._tx.execute(
            "SELECT tpl_start, file_id, tag, arcfile, tpl_nexp, quality_flags "
            "FROM file WHERE project = :project AND tpl_start = ANY(:templates) "
            "AND kind = 'raw'",
            {"project": project, "templates": list(templates)},
        )
        return [OfTemplate(*row) for row in found]

    async def frames_of(
        self, file_ids: Sequence[UUID], access: Access | None = None
    ) -> list[Frame]:
        """Give the frames of files, in the order of file and IFU."""
        query = self._frames().where(one_of(_FILE.file_id, file_ids))
        if access is not None:
            query = query.where(visible(access))
        order = (_FILE.file_id, _FRAME.ifu.nulls_first())
        found = await self._tx.session.execute(query.order_by(*order))
        return [_frame(row) for row in found]

    async def packed_header(self, file_id: UUID) -> bytes | None:
        """Give all headers of a file, None where there is no file."""
        query = select(HeaderRow.packed).where(HeaderRow.file_id == file_id)
        found: bytes | None = await self._tx.session.scalar(query)
        return found

    async def given(self, file_id: UUID) -> dict[str, Any]:
        """Give the keywords of a frame that is known by its metadata only."""
        query = select(GivenRow.keywords).where(GivenRow.file_id == file_id)
        return dict(await self._tx.session.scalar(query) or {})

    # ---------------------------------------------------------------- asking
    @staticmethod
    def columns() -> list[ColumnElement[Any]]:
        """Give the columns of which a `Frame` is made, in the order of its fields."""
        return _COLUMNS

    @classmethod
    def _frames(cls) -> Select[Any]:
        return select(*cls.columns()).select_from(_JOINED)

    async def between(
        self, first: UUID, last: UUID, access: Access, limit: int
    ) -> list[Frame]:
        """Give frames whose ids lie in a range, ends included."""
        query = self._frames().where(
            _FRAME.frame_id.between(first, last), visible(access)
        )
        found = await self._tx.session.execute(
            query.order_by(_FRAME.frame_id).limit(limit)
        )
        return [_frame(row) for row in found]

    async def by_ids(self, frame_ids: Sequence[UUID], access: Access) -> list[Frame]:
        """Give frames by their ids, in the order of these."""
        query = self._frames().where(
            one_of(_FRAME.frame_id, frame_ids), visible(access)
        )
        found = await self._tx.session.execute(query.order_by(_FRAME.frame_id))
        return [_frame(row) for row in found]

    async def that(self, condition: ColumnElement[bool], limit: int) -> list[Frame]:
        """Give frames that fit a condition on their tables, in the order of ids."""
        query = self._frames().where(condition).order_by(_FRAME.frame_id).limit(limit)
        return [_frame(row) for row in await self._tx.session.execute(query)]

    async def page(
        self, wanted: FrameFilter, access: Access, *, limit: int, after: UUID | None
    ) -> list[Frame]:
        """Give frames that fit, in the order of their ids."""
        query = self._frames().where(visible(access), *_asked(wanted))
        if after is not None:
            query = query.where(_FRAME.frame_id > after)
        found = await self._tx.session.execute(
            query.order_by(_FRAME.frame_id).limit(limit)
        )
        return [_frame(row) for row in found]

    async def nights(self, access: Access) -> list[Night]:
        """Count files by night and class, newest night first."""
        found = await self._tx.session.execute(
            select(_FILE.night, _FILE.tag, func.count())
            .where(seen(access), _FILE.night.is_not(None), _FILE.kind != "static")
            .group_by(_FILE.night, _FILE.tag)
            .order_by(_FILE.night.desc(), _FILE.tag)
        )
        nights: dict[Any, dict[str, int]] = {}
        for night, tag, count in found:
            nights.setdefault(night, {})[tag] = count
        return [Night(night=night, counts=counts) for night, counts in nights.items()]

    async def sets(self, wanted: FileFilter, access: Access) -> list[TemplateSet]:
        """Give the template sets, oldest first."""
        exposures = func.count(_FILE.arcfile.distinct())
        whole = (
            select(_FILE.project, _FILE.tpl_start, exposures.label("taken"))
            .where(_FILE.kind == "raw", _FILE.tpl_start.is_not(None))
            .group_by(_FILE.project, _FILE.tpl_start)
            .subquery()
        )
        nexp = func.max(_FILE.tpl_nexp)
        query = (
            select(
                _FILE.project,
                _FILE.tag,
                _FILE.tpl_start,
                func.max(_FILE.tpl_id).label("tpl_id"),
                func.min(_FILE.night).label("night"),
                func.max(_FILE.ins_mode).label("ins_mode"),
                exposures.label("n"),
                nexp.label("nexp"),
                case(
                    (nexp.is_(None), true()), else_=func.max(whole.c.taken) >= nexp
                ).label("complete"),
                func.array_agg(
                    func.array_to_string(_FILE.quality_flags, ",").distinct()
                ).label("flags"),
            )
            .join(
                whole,
                and_(
                    whole.c.project == _FILE.project,
                    whole.c.tpl_start == _FILE.tpl_start,
                ),
            )
            .where(seen(access), _FILE.kind == "raw", *_asked(wanted, _FILE))
            .group_by(_FILE.project, _FILE.tag, _FILE.tpl_start)
            .order_by(_FILE.tpl_start, _FILE.tag)
        )
        found = await self._tx.session.execute(query)
        return [_set(dict(row._mapping)) for row in found]


def _set(row: dict[str, Any]) -> TemplateSet:
    joined = ",".join(row.pop("flags"))
    flags = sorted({flag for flag in joined.split(",") if flag})
    return TemplateSet(**row, quality_flags=flags)
