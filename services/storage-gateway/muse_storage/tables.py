"""Tables of the storage gateway (schema ``storage``); seen by store and migrations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from musecore.outbox import InboxRow, OutboxRow


class Row(DeclarativeBase):
    """Base of the rows of this service."""

    metadata = MetaData()


metadata = Row.metadata


class UploadRow(Row):
    """A file on its way in; kept afterwards, so that a commit can be repeated."""

    __tablename__ = "upload"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str | None]
    filename: Mapped[str]
    object_key: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    state: Mapped[str]
    duplicate_of: Mapped[UUID | None]
    refusal_code: Mapped[str | None]
    refusal_detail: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )

    __table_args__ = (
        Index("upload_open", "file_id", postgresql_where=text("state = 'OPEN'")),
    )


class FileRow(Row):
    """A file of the inventory; its record outlives its bytes."""

    __tablename__ = "file"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str | None]
    filename: Mapped[str]
    object_key: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    sha256: Mapped[str]
    content_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    evicted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    evict_reason: Mapped[str | None]

    __table_args__ = (
        # One record per content and project for what people put; products and logs
        # are named by the task that made them and keep a record each.
        Index(
            "file_delivered_once",
            "project",
            "sha256",
            unique=True,
            postgresql_where=text("kind IS NULL OR kind IN ('raw', 'static')"),
        ),
        Index("file_sha256", "sha256"),
    )


class BadCopyRow(Row):
    """A stored copy whose bytes were found to be others; append only."""

    __tablename__ = "bad_copy"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    file_id: Mapped[UUID]
    found_sha256: Mapped[str]
    reported_by: Mapped[str]
    reported_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    replaced_from: Mapped[UUID | None]


class GarbageRow(Row):
    """A key whose bytes nobody wants; the row goes when the bytes are gone."""

    __tablename__ = "garbage"

    object_key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class Outbox(OutboxRow, Row):
    """What the gateway says."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Row):
    """What the gateway has heard."""

    __tablename__ = "inbox"
