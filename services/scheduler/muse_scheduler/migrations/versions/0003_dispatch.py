"""Workers, gates, priorities and fair shares; pools by memory.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NOW = sa.DateTime(timezone=True)
_READY = sa.text("state = 'READY'")


def upgrade() -> None:
    """Add what dispatch needs; what there is stays, and goes on."""
    op.add_column("task", sa.Column("ready_at", _NOW))
    op.add_column("task", sa.Column("cost_class", sa.Text()))
    op.add_column("task", sa.Column("preferred", sa.Text()))
    op.add_column("attempt", sa.Column("cost_class", sa.Text()))
    op.add_column(
        "job",
        sa.Column("priority", sa.Integer(), nullable=False, server_default="300"),
    )
    _workers()
    _shares()
    _indexes()
    # Pools are named by memory now; a task that stands in a queue is announced again.
    op.execute(
        "UPDATE task SET pool = CASE WHEN memory_mb <= 2048 THEN 'small' "
        "WHEN memory_mb <= 6144 THEN 'medium' WHEN memory_mb <= 14336 THEN 'large' "
        "ELSE 'huge' END, priority = 300"
    )


def _workers() -> None:
    op.create_table(
        "worker",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("pools", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("cores", sa.Integer(), nullable=True),
        sa.Column("memory_mb", sa.Integer(), nullable=True),
        sa.Column("own_queue", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("orders", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", _NOW, nullable=False),
        sa.Column("seen_at", _NOW, nullable=False),
        sa.Column("trusted_since", _NOW, nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'PAUSED', 'DRAINING', 'CORDONED', 'GONE')",
            name=op.f("ck_worker_state"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "worker_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", _NOW, nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_event")),
    )
    op.create_index(op.f("ix_worker_event_name"), "worker_event", ["name"])
    op.execute(
        "CREATE TRIGGER worker_event_kept BEFORE UPDATE OR DELETE ON worker_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "gate",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("since", _NOW, nullable=False),
        sa.CheckConstraint("kind IN ('site', 'pool')", name=op.f("ck_gate_kind")),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_gate")),
    )


def _shares() -> None:
    op.create_table(
        "share",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_share_weight")),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_share")),
    )
    op.create_table(
        "turn",
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("served_at", _NOW, nullable=False),
        sa.PrimaryKeyConstraint("pool", "owner", "priority", name=op.f("pk_turn")),
    )


def _indexes() -> None:
    op.create_index(
        "ix_task_ready",
        "task",
        ["pool", "owner", "priority", sa.text("critical_s DESC"), "task_id"],
        postgresql_where=_READY,
    )
    op.create_index(
        "ix_attempt_cost_class",
        "attempt",
        ["cost_class", sa.text("ended DESC")],
        postgresql_where=sa.text("max_rss_mb IS NOT NULL"),
    )
    op.create_index(
        "ix_attempt_worker",
        "attempt",
        ["worker", sa.text("ended DESC")],
        postgresql_where=sa.text("ended IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it away again; names of pools stay."""
    for index, table in (
        ("ix_attempt_worker", "attempt"),
        ("ix_attempt_cost_class", "attempt"),
        ("ix_task_ready", "task"),
    ):
        op.drop_index(index, table_name=table)
    for table in ("turn", "share", "gate", "worker_event", "worker"):
        op.drop_table(table)
    op.drop_column("job", "priority")
    op.drop_column("attempt", "cost_class")
    for column in ("preferred", "cost_class", "ready_at"):
        op.drop_column("task", column)
