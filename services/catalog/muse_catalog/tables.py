"""Tables of the catalogue (schema ``catalog``); seen by store and migrations only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from musecore.outbox import InboxRow, OutboxRow


class Row(DeclarativeBase):
    """Base of the rows of this service."""

    metadata = MetaData()


metadata = Row.metadata


class FileRow(Row):
    """A file, with the typed columns that are queried; its frames are in ``frame``."""

    __tablename__ = "file"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    tag: Mapped[str]
    filename: Mapped[str]
    arcfile: Mapped[str]
    sha256: Mapped[str]
    content_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str | None]
    project: Mapped[str]
    owner: Mapped[str]
    state: Mapped[str]
    night: Mapped[date | None] = mapped_column(Date)
    date_obs: Mapped[str | None]
    mjd_us: Mapped[int | None] = mapped_column(BigInteger)
    exptime_s: Mapped[float | None] = mapped_column(Float(53))
    object: Mapped[str | None]
    target: Mapped[str | None]
    ins_mode: Mapped[str | None]
    tpl_start: Mapped[str | None]
    tpl_expno: Mapped[int | None]
    tpl_nexp: Mapped[int | None]
    tpl_id: Mapped[str | None]
    obs_id: Mapped[int | None] = mapped_column(BigInteger)
    obs_name: Mapped[str | None]
    prog_id: Mapped[str | None]
    ra: Mapped[float | None] = mapped_column(Float(53))
    dec: Mapped[float | None] = mapped_column(Float(53))
    recipe: Mapped[str | None]
    task_id: Mapped[UUID | None]
    attempt: Mapped[int | None]
    keywords: Mapped[dict[str, Any]] = mapped_column(JSONB)
    quality_flags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )

    __table_args__ = (
        # Identity by content for what people deliver; a product of ours is known by
        # the task that made it, even where two runs give the same bytes.
        Index(
            "file_content",
            "project",
            "sha256",
            unique=True,
            postgresql_where=text("task_id IS NULL"),
        ),
        Index(
            "file_made_content",
            "project",
            "sha256",
            postgresql_where=text("task_id IS NOT NULL"),
        ),
        Index("file_night", "night"),
        Index("file_arcfile", "arcfile"),
        Index("file_template", "project", "tpl_start"),
        Index("file_target", "target"),
        Index(
            "file_data_md5",
            text("(keywords ->> 'datamd5')"),
            postgresql_where=text("kind <> 'raw'"),
        ),
        Index("file_task", "task_id", "attempt"),
        Index("file_name", "filename"),
        Index("file_object", "object"),
        Index("file_ob", "obs_id"),
        Index("file_programme", "prog_id"),
        Index("file_place", "dec", "ra"),
    )


class FrameRow(Row):
    """One IFU of a file, or the whole field (``ifu`` null).

    Class, project, kind, time, exposure time and target are those of the file, once
    more: what is asked and ordered by them is read from one index, without the file.
    """

    __tablename__ = "frame"

    frame_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.file_id"))
    ifu: Mapped[int | None]
    chip_id: Mapped[str | None]
    chip_name: Mapped[str | None]
    chip_live: Mapped[bool]
    is_valid: Mapped[bool | None]
    is_valid_reason: Mapped[str | None]
    tag: Mapped[str]
    kind: Mapped[str]
    project: Mapped[str]
    night: Mapped[date | None] = mapped_column(Date)
    mjd_us: Mapped[int | None] = mapped_column(BigInteger)
    exptime_s: Mapped[float | None] = mapped_column(Float(53))
    target: Mapped[str | None]
    # A proposal waits beside what was judged: that alone counts until it is answered.
    proposed: Mapped[bool] = mapped_column(server_default=text("false"))
    flags_said: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]")
    )
    version: Mapped[int] = mapped_column(server_default=text("1"))
    grade: Mapped[str | None]

    __table_args__ = (
        Index("frame_class", "tag", "frame_id"),
        # What is unknown comes last, both ways, so each way has its index.
        Index("frame_class_time", "tag", "mjd_us", "frame_id"),
        Index("frame_class_newest", "tag", text("mjd_us DESC NULLS LAST"), "frame_id"),
        Index("frame_time", "mjd_us", "frame_id"),
        Index("frame_newest", text("mjd_us DESC NULLS LAST"), "frame_id"),
        Index("frame_night", "night", "tag"),
        Index("frame_exptime", "tag", "exptime_s", "frame_id"),
        # With who may know of a frame: a pattern is looked for in the index alone.
        Index(
            "frame_target",
            "target",
            "frame_id",
            postgresql_include=["project", "kind"],
        ),
        Index("frame_file_ifu", "file_id", "ifu", unique=True),
        Index(
            "frame_file_field",
            "file_id",
            unique=True,
            postgresql_where=text("ifu IS NULL"),
        ),
    )


class HeaderRow(Row):
    """All headers of a file, card for card (``musecore.fits.compress_headers``)."""

    __tablename__ = "header"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.file_id"), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class ShapeRow(Row):
    """Keywords in an order: where the values of an HDU stand that has just these.

    Headers of one class have the same keywords, so they are kept once.
    """

    __tablename__ = "shape"

    shape_id: Mapped[UUID] = mapped_column(primary_key=True)
    places: Mapped[dict[str, int]] = mapped_column(JSONB)


class KeywordRow(Row):
    """The values of the keywords of one HDU: any of them can be asked for."""

    __tablename__ = "keyword"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.file_id"), primary_key=True)
    hdu: Mapped[int] = mapped_column(primary_key=True)
    extname: Mapped[str]
    shape_id: Mapped[UUID]  # no foreign key: shapes are never removed
    vals: Mapped[list[Any]] = mapped_column(JSONB)

    __table_args__ = (Index("keyword_shape", "shape_id"),)


class GivenRow(Row):
    """The keywords of a frame that is known by its metadata only."""

    __tablename__ = "given"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.file_id"), primary_key=True)
    keywords: Mapped[dict[str, Any]] = mapped_column(JSONB)


class QcValueRow(Row):
    """One QC value; tall, so that any can be queried and plotted."""

    __tablename__ = "qc"

    frame_id: Mapped[UUID] = mapped_column(
        ForeignKey("frame.frame_id"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    ifu: Mapped[int | None]
    value: Mapped[float | None] = mapped_column(Float(53))
    text: Mapped[str | None]
    unit: Mapped[str | None]

    __table_args__ = (Index("qc_name_value", "name", "value"),)


class TaskRunRow(Row):
    """A run of a recipe that made products.

    A run elsewhere is read from the header of a product (``ESO PRO RECn``): ``rec`` is
    that n, ``task_id`` the product's ``file_id``, and ``attempt`` counts back from the
    run that made the file: 1, before it 2. Nobody tells who ran it, and when.
    """

    __tablename__ = "task_run"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    recipe: Mapped[str]
    ifu: Mapped[int | None]
    key: Mapped[str | None]
    worker: Mapped[str | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    versions: Mapped[dict[str, str]] = mapped_column(JSONB)
    log_file_id: Mapped[UUID | None]
    warnings: Mapped[list[str]] = mapped_column(ARRAY(Text))
    caveats: Mapped[list[str]] = mapped_column(ARRAY(Text))
    started: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resources: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rec: Mapped[int | None]


class LineageRow(Row):
    """One input of a run, by content.

    An input that a header names is pending (no sums, a ``file_id`` of nothing) until a
    file comes that offers its ``match_key``; ``made_by`` is the attempt of the same
    task that made it, where the header tells that too.
    """

    __tablename__ = "lineage"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str]
    file_id: Mapped[UUID]
    ifu: Mapped[int | None]
    filename: Mapped[str]
    sha256: Mapped[str | None]
    content_key: Mapped[str | None]
    data_md5: Mapped[str | None]
    match_key: Mapped[str | None]
    made_by: Mapped[int | None]

    __table_args__ = (
        Index("lineage_input", "file_id"),
        Index("lineage_content", "content_key"),
        Index(
            "lineage_pending",
            "match_key",
            postgresql_where=text("sha256 IS NULL AND match_key IS NOT NULL"),
        ),
    )


class ValidityRow(Row):
    """What people said of a frame; rows are only ever added."""

    __tablename__ = "validity"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    frame_id: Mapped[UUID] = mapped_column(ForeignKey("frame.frame_id"), index=True)
    is_valid: Mapped[bool | None]
    proposed: Mapped[bool] = mapped_column(server_default=text("false"))
    flags_said: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]")
    )
    version: Mapped[int | None]  # null: said before versions were counted
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RemarkRow(Row):
    """A comment on a frame; with a grade it is an assessment. Only ever added."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    frame_id: Mapped[UUID] = mapped_column(ForeignKey("frame.frame_id"), index=True)
    grade: Mapped[str | None]
    text: Mapped[str]
    view: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ScoreRow(Row):
    """A QC value against one version of the limits; scores of older versions stay."""

    __tablename__ = "score"

    frame_id: Mapped[UUID] = mapped_column(
        ForeignKey("frame.frame_id"), primary_key=True
    )
    limits_version: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    ifu: Mapped[int | None]
    value: Mapped[float] = mapped_column(Float(53))
    score: Mapped[int]
    flag: Mapped[str]
    limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SavedQueryRow(Row):
    """A question that a project keeps under a name."""

    __tablename__ = "saved_query"

    project: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    owner: Mapped[str]
    doc: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RefusalRow(Row):
    """A file or row that was not taken in."""

    __tablename__ = "refusal"

    identity: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[UUID | None] = mapped_column(index=True)
    filename: Mapped[str]
    owner: Mapped[str]
    sha256: Mapped[str | None]
    size: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str]
    detail: Mapped[str]
    hint: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class TwinRow(Row):
    """A file that has the same bytes as one that the project has already."""

    __tablename__ = "twin"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    known_id: Mapped[UUID] = mapped_column(ForeignKey("file.file_id"))


class SupersededRow(Row):
    """A product of an answer that came too late: it is no product of its task."""

    __tablename__ = "superseded"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class Outbox(OutboxRow, Row):
    """What the catalogue says."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Row):
    """What the catalogue has heard."""

    __tablename__ = "inbox"
