"""Tables of the auth service (schema ``auth``); seen by store and migrations."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Identity, Index, MetaData, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import Text

from musecore.outbox import OutboxRow


class Row(DeclarativeBase):
    """Base of the rows of this service."""

    metadata = MetaData()


metadata = Row.metadata


class AccountRow(Row):
    """A person or service; the secret is kept as a salted scrypt hash."""

    __tablename__ = "account"

    subject: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class ProjectRow(Row):
    """A project."""

    __tablename__ = "project"

    name: Mapped[str] = mapped_column(primary_key=True)
    doc: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class MembershipRow(Row):
    """An account's level in a project."""

    __tablename__ = "membership"

    project: Mapped[str] = mapped_column(ForeignKey("project.name"), primary_key=True)
    subject: Mapped[str] = mapped_column(
        ForeignKey("account.subject"), primary_key=True
    )
    level: Mapped[int]

    __table_args__ = (Index("membership_subject", "subject"),)


class AccessRequestRow(Row):
    """An account asks to become a member; goes when an owner has decided."""

    __tablename__ = "access_request"

    project: Mapped[str] = mapped_column(ForeignKey("project.name"), primary_key=True)
    subject: Mapped[str] = mapped_column(
        ForeignKey("account.subject"), primary_key=True
    )
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class AuditRow(Row):
    """Who changed which right, and when; append only."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    by: Mapped[str]
    what: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Outbox(OutboxRow, Row):
    """Messages to be sent."""

    __tablename__ = "outbox"
