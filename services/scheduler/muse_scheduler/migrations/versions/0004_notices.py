"""Notices of jobs and their deliveries.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = sa.DateTime(timezone=True)

# Jobs that have come to rest before there were notices are no news.
_OLD = """
INSERT INTO notice (notice_id, job_id, kind, state, mark, graph_n, subject, text, facts,
    created)
SELECT gen_random_uuid(), j.job_id, 'ended',
    CASE WHEN j.cancelled_at IS NOT NULL THEN 'CANCELLED'
        WHEN s.targets_done THEN 'DONE' WHEN s.target_failed THEN 'FAILED'
        ELSE 'BLOCKED' END,
    CASE WHEN j.cancelled_at IS NOT NULL
        THEN 'cancelled:' || extract(epoch FROM j.cancelled_at)
        ELSE g.n || ':' || COALESCE(s.last, 0) END,
    CASE WHEN j.cancelled_at IS NOT NULL THEN 0 ELSE g.n END, '', '', '{}', now()
FROM job j CROSS JOIN LATERAL (
    SELECT COALESCE(max(n), 0) AS n FROM job_graph WHERE job_id = j.job_id) g
CROSS JOIN LATERAL (
    SELECT COALESCE(bool_or(t.state IN ('READY', 'QUEUED', 'RUNNING')), false) AS busy,
        COALESCE(bool_or(t.state IN ('PLANNED', 'WAITING')), false) AS waits,
        COALESCE(bool_or(t.state IN ('FAILED', 'BLOCKED', 'CANCELLED')), false) AS bad,
        COALESCE(bool_and(t.state = 'DONE') FILTER (WHERE cardinality(w.targets) > 0),
            true) AS targets_done,
        COALESCE(bool_or(t.state = 'FAILED' AND cardinality(w.targets) > 0), false)
            AS target_failed,
        max((SELECT max(e.id) FROM task_event e WHERE e.task_id = t.task_id
            AND e.to_state IN ('FAILED', 'CANCELLED')))
            FILTER (WHERE t.state IN ('FAILED', 'CANCELLED')) AS last
    FROM job_task w JOIN task t USING (task_id)
    WHERE w.job_id = j.job_id AND w.active) s
WHERE j.cancelled_at IS NOT NULL OR (NOT s.busy AND (s.bad OR NOT s.waits))
"""


def upgrade() -> None:
    """Add the tables; what ended before is told to nobody."""
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("graph_n", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.CheckConstraint("kind IN ('ended', 'failing')", name=op.f("ck_notice_kind")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.job_id"], name=op.f("fk_notice_job_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
        sa.UniqueConstraint("job_id", "mark", name=op.f("uq_notice_job_id_mark")),
    )
    op.create_table(
        "delivery",
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('unsent', 'sent', 'given up')", name=op.f("ck_delivery_state")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.notice_id"], name=op.f("fk_delivery_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "address", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_unsent",
        "delivery",
        ["next_at"],
        postgresql_where=sa.text("state = 'unsent'"),
    )
    op.execute(_OLD)


def downgrade() -> None:
    """Take the tables away again."""
    op.drop_index("ix_delivery_unsent", table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("notice")
