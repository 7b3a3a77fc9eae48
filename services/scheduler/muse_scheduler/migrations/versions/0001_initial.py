"""initial

Revision ID: 0001
Revises:
Create Date: 2026-11-23 00:36:00.658872

"""

from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision: str = "0001"
down_revision: Union[str, Sequence[str], None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


_MAY_BECOME = {
    "PLANNED": "WAITING READY DONE BLOCKED CANCELLED",
    "WAITING": "READY DONE BLOCKED CANCELLED",
    "READY": "WAITING QUEUED RUNNING DONE FAILED CANCELLED",
    "QUEUED": "WAITING READY RUNNING DONE FAILED CANCELLED",
    "RUNNING": "READY DONE FAILED CANCELLED",
    "DONE": "WAITING READY",
    "FAILED": "WAITING READY DONE CANCELLED",
    "BLOCKED": "WAITING READY CANCELLED",
    "CANCELLED": "WAITING READY DONE",
}

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$
"""

_CHECK = """
CREATE FUNCTION check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM transition
            WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'task % may not go from % to %',
            NEW.task_id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

_TRIGGERS = {
    "task_transition": "BEFORE UPDATE OF state ON task "
    "FOR EACH ROW EXECUTE FUNCTION check_transition()",
    "task_event_kept": "BEFORE UPDATE OR DELETE ON task_event "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "product_event_kept": "BEFORE UPDATE OR DELETE ON product_event "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "job_graph_kept": "BEFORE UPDATE OR DELETE ON job_graph "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "product_kept": "BEFORE DELETE ON product "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "attempt_kept": "BEFORE DELETE ON attempt "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "attempt_ended": "BEFORE UPDATE ON attempt "
    "FOR EACH ROW WHEN (OLD.ended IS NOT NULL) EXECUTE FUNCTION refuse_change()",
}


def _guard() -> None:
    """Fill the table of transitions, and make history append-only."""
    states = sa.table("task_state", sa.column("name"))
    moves = sa.table("transition", sa.column("from_state"), sa.column("to_state"))
    pairs = [(old, new) for old, to in _MAY_BECOME.items() for new in to.split()]
    names = sorted({name for pair in pairs for name in pair})
    op.bulk_insert(states, [{"name": name} for name in names])
    op.bulk_insert(moves, [{"from_state": a, "to_state": b} for a, b in pairs])
    op.execute(_REFUSE)
    op.execute(_CHECK)
    for name, body in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {body}")


def upgrade() -> None:
    """Upgrade schema."""
    op.create_table(
        "frame",
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("arcfile", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mjd_us", sa.BigInteger(), nullable=True),
        sa.Column("night", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("chips", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frame_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("keywords", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_valid", sa.Boolean(), nullable=True),
        sa.Column(
            "quality_flags", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("bad_ifus", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("ingested", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_frame")),
    )
    op.create_index(
        op.f("ix_frame_project_tag_mjd_us"),
        "frame",
        ["project", "tag", "mjd_us"],
        unique=False,
    )
    op.create_index(op.f("ix_frame_target"), "frame", ["target"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("message_id", "consumer", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("routing_key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "priority", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "attempts", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "outbox_unsent",
        "outbox",
        [sa.literal_column("priority DESC"), "id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("graph", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan")),
    )
    op.create_table(
        "task_state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_task_state")),
    )
    op.create_table(
        "job",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("projects", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_id", sa.UUID(), nullable=True),
        sa.Column("at_least", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.plan_id"], name=op.f("fk_job_plan_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job")),
    )
    op.create_index(
        op.f("ix_job_project_created"), "job", ["project", "created"], unique=False
    )
    op.create_table(
        "task",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("ifu", sa.SmallInteger(), nullable=True),
        sa.Column("group_label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("n_wait", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("budget_from", sa.Integer(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("critical_s", sa.Float(), nullable=False),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("est_s", sa.Float(), nullable=False),
        sa.Column("planned", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outputs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("caveats", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("realised_key", sa.Text(), nullable=True),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_task_attempt")),
        sa.CheckConstraint("ifu BETWEEN 1 AND 24", name=op.f("ck_task_ifu")),
        sa.CheckConstraint("n_wait >= 0", name=op.f("ck_task_n_wait")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["task.task_id"], name=op.f("fk_task_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["state"], ["task_state.name"], name=op.f("fk_task_state")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task")),
        sa.UniqueConstraint("project", "key", name=op.f("uq_task_project_key")),
    )
    op.create_index(
        "ix_task_active",
        "task",
        ["state", "pool"],
        unique=False,
        postgresql_where=sa.text("state IN ('READY', 'QUEUED', 'RUNNING')"),
    )
    op.create_index(
        "ix_task_failed",
        "task",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state = 'FAILED'"),
    )
    op.create_index(op.f("ix_task_key"), "task", ["key"], unique=False)
    op.create_index(op.f("ix_task_made_by"), "task", ["made_by"], unique=False)
    op.create_index(
        op.f("ix_task_recipe_ifu_group_label"),
        "task",
        ["recipe", "ifu", "group_label"],
        unique=False,
    )
    op.create_table(
        "transition",
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_state"], ["task_state.name"], name=op.f("fk_transition_from_state")
        ),
        sa.ForeignKeyConstraint(
            ["to_state"], ["task_state.name"], name=op.f("fk_transition_to_state")
        ),
        sa.PrimaryKeyConstraint("from_state", "to_state", name=op.f("pk_transition")),
    )
    op.create_table(
        "attempt",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "telling_lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("log_file_id", sa.UUID(), nullable=True),
        sa.Column("wall_s", sa.Float(), nullable=True),
        sa.Column("cpu_s", sa.Float(), nullable=True),
        sa.Column("max_rss_mb", sa.Float(), nullable=True),
        sa.Column("bytes_in", sa.BigInteger(), nullable=True),
        sa.Column("bytes_out", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.task_id"], name=op.f("fk_attempt_task_id")
        ),
        sa.PrimaryKeyConstraint("task_id", "attempt", name=op.f("pk_attempt")),
    )
    op.create_table(
        "cache",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("realised_key", sa.Text(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.task_id"], name=op.f("fk_cache_task_id")
        ),
        sa.PrimaryKeyConstraint("project", "realised_key", name=op.f("pk_cache")),
    )
    op.create_table(
        "dep",
        sa.Column("parent", sa.UUID(), nullable=False),
        sa.Column("child", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["child"], ["task.task_id"], name=op.f("fk_dep_child")),
        sa.ForeignKeyConstraint(
            ["parent"], ["task.task_id"], name=op.f("fk_dep_parent")
        ),
        sa.PrimaryKeyConstraint("parent", "child", name=op.f("pk_dep")),
    )
    op.create_index(op.f("ix_dep_child"), "dep", ["child"], unique=False)
    op.create_table(
        "job_graph",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("graph", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.job_id"], name=op.f("fk_job_graph_job_id")
        ),
        sa.PrimaryKeyConstraint("job_id", "n", name=op.f("pk_job_graph")),
    )
    op.create_table(
        "job_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.job_id"], name=op.f("fk_job_message_job_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_message")),
        sa.UniqueConstraint("job_id", "text", name=op.f("uq_job_message_job_id_text")),
    )
    op.create_table(
        "job_task",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("targets", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.job_id"], name=op.f("fk_job_task_job_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.task_id"], name=op.f("fk_job_task_task_id")
        ),
        sa.PrimaryKeyConstraint("job_id", "task_id", name=op.f("pk_job_task")),
    )
    op.create_index(op.f("ix_job_task_task_id"), "job_task", ["task_id"], unique=False)
    op.create_table(
        "product",
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("ifu", sa.SmallInteger(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('VALID', 'STALE', 'SUPERSEDED', 'BAD', 'EVICTED')",
            name=op.f("ck_product_state"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.task_id"], name=op.f("fk_product_task_id")
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product")),
    )
    op.create_index(op.f("ix_product_file_id"), "product", ["file_id"], unique=False)
    op.create_index(
        op.f("ix_product_state_tag"), "product", ["state", "tag"], unique=False
    )
    op.create_index(
        op.f("ix_product_task_id_tag_ordinal"),
        "product",
        ["task_id", "tag", "ordinal"],
        unique=False,
    )
    op.create_table(
        "task_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.task_id"], name=op.f("fk_task_event_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_event")),
    )
    op.create_index(
        op.f("ix_task_event_task_id"), "task_event", ["task_id"], unique=False
    )
    op.create_table(
        "product_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.product_id"],
            name=op.f("fk_product_event_product_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_event")),
    )
    op.create_index(
        op.f("ix_product_event_product_id"),
        "product_event",
        ["product_id"],
        unique=False,
    )
    _guard()


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_index(op.f("ix_product_event_product_id"), table_name="product_event")
    op.drop_table("product_event")
    op.drop_index(op.f("ix_task_event_task_id"), table_name="task_event")
    op.drop_table("task_event")
    op.drop_index(op.f("ix_product_task_id_tag_ordinal"), table_name="product")
    op.drop_index(op.f("ix_product_state_tag"), table_name="product")
    op.drop_index(op.f("ix_product_file_id"), table_name="product")
    op.drop_table("product")
    op.drop_index(op.f("ix_job_task_task_id"), table_name="job_task")
    op.drop_table("job_task")
    op.drop_table("job_message")
    op.drop_table("job_graph")
    op.drop_index(op.f("ix_dep_child"), table_name="dep")
    op.drop_table("dep")
    op.drop_table("cache")
    op.drop_table("attempt")
    op.drop_table("transition")
    op.drop_index(op.f("ix_task_recipe_ifu_group_label"), table_name="task")
    op.drop_index(op.f("ix_task_made_by"), table_name="task")
    op.drop_index(op.f("ix_task_key"), table_name="task")
    op.drop_index(
        "ix_task_failed",
        table_name="task",
        postgresql_where=sa.text("state = 'FAILED'"),
    )
    op.drop_index(
        "ix_task_active",
        table_name="task",
        postgresql_where=sa.text("state IN ('READY', 'QUEUED', 'RUNNING')"),
    )
    op.drop_table("task")
    op.drop_index(op.f("ix_job_project_created"), table_name="job")
    op.drop_table("job")
    op.drop_table("task_state")
    op.drop_table("plan")
    op.drop_index(
        "outbox_unsent",
        table_name="outbox",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_index(op.f("ix_frame_target"), table_name="frame")
    op.drop_index(op.f("ix_frame_project_tag_mjd_us"), table_name="frame")
    op.drop_table("frame")
    op.execute("DROP FUNCTION check_transition()")
    op.execute("DROP FUNCTION refuse_change()")
