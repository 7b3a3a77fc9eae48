"""Tables of the scheduler's schema. Seen by `store` and migrations only.

Times are ``timestamptz``; keys are SHA-256 in hexadecimal. ``unit``, ``task_event``,
``product_event``, ``job_graph`` and ended rows of ``attempt`` are append-only:
triggers of the migrations refuse to change them, and refuse a change of
``task.state`` that table ``transition`` does not hold. Tasks are never deleted; that
``dep``, ``job_task`` and ``task_event`` name tasks, and tasks units, triggers check
once for each statement instead of once for each row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from musecore.outbox import InboxRow, OutboxRow

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(DeclarativeBase):
    """Declarative base of the outbox and the inbox."""

    metadata = metadata


class Outbox(OutboxRow, Row):
    """What this service says."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Row):
    """What this service has heard."""

    __tablename__ = "inbox"


_TASK = "task.task_id"
_JOB = "job.job_id"


def _uuid(name: str, *items: SchemaItem, null: bool = False) -> Column[Any]:
    return Column(name, UUID(as_uuid=True), *items, nullable=null)


def _key(name: str, *items: SchemaItem) -> Column[Any]:
    return Column(name, UUID(as_uuid=True), *items, primary_key=True)


def _must(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]]) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _may(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]]) -> Column[Any]:
    return Column(name, kind, nullable=True)


_TIME = DateTime(timezone=True)

# -- what the catalog told
frame = Table(
    "frame",
    metadata,
    _key("file_id"),
    _must("kind", Text),
    _must("tag", Text),
    _must("filename", Text),
    _must("arcfile", Text),
    _may("object_key", Text),
    _must("sha256", Text),
    _must("content_key", Text),
    _must("size", BigInteger),
    _may("mjd_us", BigInteger),
    _may("night", Text),
    _may("target", Text),
    _must("project", Text),
    _must("chips", JSONB),
    _must("frame_ids", JSONB),
    _must("keywords", JSONB),
    _may("is_valid", Boolean),
    _must("quality_flags", JSONB),
    _must("bad_ifus", ARRAY(Integer)),
    _must("ingested", _TIME),
    _must("changed", _TIME),
    Index(None, "project", "tag", "mjd_us"),
    Index(None, "target"),
)

# -- plans and jobs
plan = Table(
    "plan",
    metadata,
    _key("plan_id"),
    _must("owner", Text),
    _must("project", Text),
    _must("request", JSONB),
    _must("graph", JSONB),
    _must("created", _TIME),
)

job = Table(
    "job",
    metadata,
    _key("job_id"),
    _must("owner", Text),
    _must("project", Text),
    _may("projects", ARRAY(Text)),
    _must("request", JSONB),
    _uuid("plan_id", ForeignKey("plan.plan_id"), null=True),
    _may("at_least", Integer),
    _must("created", _TIME),
    _may("cancelled_at", _TIME),
    Column("priority", Integer, nullable=False, server_default="300"),
    Index(None, "project", "created"),
)

job_graph = Table(
    "job_graph",
    metadata,
    _key("job_id", ForeignKey(_JOB)),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _must("graph", JSONB),
    _must("reason", Text),
    _must("created", _TIME),
)

job_message = Table(
    "job_message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _uuid("job_id", ForeignKey(_JOB)),
    _must("at", _TIME),
    _must("text", Text),
    UniqueConstraint("job_id", "text"),
)

# -- tasks
unit = Table(
    "unit",
    metadata,
    _key("unit_id"),
    _must("recipe", Text),
    _must("group_label", Text),
    _must("body", JSON),
    _must("choices", JSON),
    _must("created", _TIME),
)

task_state = Table("task_state", metadata, Column("name", Text, primary_key=True))

transition = Table(
    "transition",
    metadata,
    Column("from_state", Text, ForeignKey("task_state.name"), primary_key=True),
    Column("to_state", Text, ForeignKey("task_state.name"), primary_key=True),
)

task = Table(
    "task",
    metadata,
    _key("task_id"),
    _must("key", Text),
    _must("project", Text),
    _must("owner", Text),
    _must("recipe", Text),
    _may("ifu", SmallInteger),
    _must("group_label", Text),
    _must("state", Text),
    _must("n_wait", Integer),
    _must("attempt", Integer),
    _must("budget_from", Integer),
    _must("pool", Text),
    _must("priority", Integer),
    _must("critical_s", Float),
    _must("threads", Integer),
    _must("memory_mb", Integer),
    _must("timeout_s", Integer),
    _must("est_s", Float),
    _may("planned", JSONB),  # of revision 0001, without a unit
    _uuid("unit_id", null=True),
    _must("outputs", ARRAY(Text)),
    _must("caveats", ARRAY(Text)),
    _must("versions", JSONB),
    _may("realised_key", Text),
    _uuid("made_by", ForeignKey(_TASK), null=True),
    _must("reason", Text),
    _may("worker", Text),
    _may("lease_until", _TIME),
    _may("not_before", _TIME),
    _may("queued_at", _TIME),
    _may("started", _TIME),
    _may("ended", _TIME),
    _must("created", _TIME),
    _may("ready_at", _TIME),
    _may("cost_class", Text),
    _may("preferred", Text),
    UniqueConstraint("key", "project"),
    CheckConstraint(
        "state IN ('PLANNED', 'WAITING', 'READY', 'QUEUED', 'RUNNING', "
        "'DONE', 'FAILED', 'BLOCKED', 'CANCELLED')",
        name="state",
    ),
    CheckConstraint("n_wait >= 0", name="n_wait"),
    CheckConstraint("attempt >= 1", name="attempt"),
    CheckConstraint("num_nonnulls(planned, unit_id) = 1", name="planned"),
    CheckConstraint("ifu BETWEEN 1 AND 24", name="ifu"),
    Index(
        "ix_task_active",
        "state",
        "pool",
        postgresql_where=text("state IN ('READY', 'QUEUED', 'RUNNING')"),
    ),
    Index(
        "ix_task_ready",
        "pool",
        "owner",
        "priority",
        text("critical_s DESC"),
        "task_id",
        postgresql_where=text("state = 'READY'"),
    ),
    Index("ix_task_failed", "state", postgresql_where=text("state = 'FAILED'")),
    Index("ix_task_made_by", "made_by", postgresql_where=text("made_by IS NOT NULL")),
    Index(None, "group_label"),
    Index("ix_task_trial", "project", postgresql_where=text("project LIKE 'trial:%'")),
)

dep = Table(
    "dep",
    metadata,
    _key("parent"),
    _key("child"),
    Index(None, "child"),
)

job_task = Table(
    "job_task",
    metadata,
    _key("job_id"),
    _key("task_id"),
    _must("targets", ARRAY(Text)),
    _must("reused", Boolean),
    _must("active", Boolean),
    Index(None, "task_id"),
)

task_event = Table(
    "task_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _uuid("task_id"),
    _must("at", _TIME),
    _may("from_state", Text),
    _must("to_state", Text),
    _must("attempt", Integer),
    _must("who", Text),
    _must("why", Text),
    Index(None, "task_id"),
)

attempt = Table(
    "attempt",
    metadata,
    _key("task_id", ForeignKey(_TASK)),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    _must("worker", Text),
    _may("pid", Integer),
    _must("started", _TIME),
    _may("ended", _TIME),
    _may("outcome", Text),
    _must("detail", Text),
    _must("telling_lines", JSONB),
    _may("exit_code", Integer),
    _may("signal", Integer),
    _uuid("log_file_id", null=True),
    _may("wall_s", Float),
    _may("cpu_s", Float),
    _may("max_rss_mb", Float),
    _may("bytes_in", BigInteger),
    _may("bytes_out", BigInteger),
    _may("cost_class", Text),
    Index(
        "ix_attempt_cost_class",
        "cost_class",
        text("ended DESC"),
        postgresql_where=text("max_rss_mb IS NOT NULL"),
    ),
    Index(
        "ix_attempt_worker",
        "worker",
        text("ended DESC"),
        postgresql_where=text("ended IS NOT NULL"),
    ),
)

# -- workers, and whose turn it is
worker = Table(
    "worker",
    metadata,
    Column("name", Text, primary_key=True),
    _must("site", Text),
    _must("pools", ARRAY(Text)),
    _may("cores", Integer),
    _may("memory_mb", Integer),
    _must("own_queue", Boolean),
    _must("state", Text),
    _must("orders", Text),
    _must("reason", Text),
    _must("since", _TIME),
    _must("seen_at", _TIME),
    _must("trusted_since", _TIME),
    _must("running", Integer),
    CheckConstraint(
        "state IN ('ACTIVE', 'PAUSED', 'DRAINING', 'CORDONED', 'GONE')", name="state"
    ),
)

worker_event = Table(
    "worker_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _must("name", Text),
    _must("at", _TIME),
    _may("from_state", Text),
    _must("to_state", Text),
    _must("who", Text),
    _must("why", Text),
    Index(None, "name"),
)

gate = Table(
    "gate",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    _must("reason", Text),
    _must("who", Text),
    _must("since", _TIME),
    CheckConstraint("kind IN ('site', 'pool')", name="kind"),
)

share = Table(
    "share",
    metadata,
    Column("owner", Text, primary_key=True),
    _must("weight", Float),
    CheckConstraint("weight > 0", name="weight"),
)

turn = Table(
    "turn",
    metadata,
    Column("pool", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("priority", Integer, primary_key=True, autoincrement=False),
    _must("served_at", _TIME),
)

# -- what people are told of jobs
notice = Table(
    "notice",
    metadata,
    _key("notice_id"),
    _uuid("job_id", ForeignKey(_JOB)),
    _must("kind", Text),
    _must("state", Text),
    _must("mark", Text),
    _must("graph_n", Integer),
    _must("subject", Text),
    _must("text", Text),
    _must("facts", JSONB),
    _must("created", _TIME),
    CheckConstraint("kind IN ('ended', 'failing')", name="kind"),
    UniqueConstraint("job_id", "mark"),
)

delivery = Table(
    "delivery",
    metadata,
    _key("notice_id", ForeignKey("notice.notice_id")),
    Column("address", Text, primary_key=True),
    _must("state", Text),
    _must("attempts", Integer),
    _must("last_error", Text),
    _must("next_at", _TIME),
    _may("sent_at", _TIME),
    CheckConstraint("state IN ('unsent', 'sent', 'given up')", name="state"),
    Index("ix_delivery_unsent", "next_at", postgresql_where=text("state = 'unsent'")),
)

# -- products
product = Table(
    "product",
    metadata,
    _key("product_id"),
    _uuid("task_id", ForeignKey(_TASK)),
    _must("attempt", Integer),
    _uuid("file_id"),
    _must("tag", Text),
    _must("ordinal", Integer),
    _may("ifu", SmallInteger),
    _must("filename", Text),
    _must("object_key", Text),
    _must("sha256", Text),
    _must("content_key", Text),
    _must("size", BigInteger),
    _must("state", Text),
    _must("reason", Text),
    _must("created", _TIME),
    CheckConstraint(
        "state IN ('VALID', 'STALE', 'SUPERSEDED', 'BAD', 'EVICTED')", name="state"
    ),
    Index(None, "task_id", "tag", "ordinal"),
    Index(None, "file_id"),
    Index(None, "state", "tag"),
)

product_event = Table(
    "product_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _uuid("product_id", ForeignKey("product.product_id")),
    _must("at", _TIME),
    _may("from_state", Text),
    _must("to_state", Text),
    _must("why", Text),
    Index(None, "product_id"),
)

cache = Table(
    "cache",
    metadata,
    Column("project", Text, primary_key=True),
    Column("realised_key", Text, primary_key=True),
    _uuid("task_id", ForeignKey(_TASK)),
)
