"""Checks of many new rows at once: once for each statement, and each value once.

Revision ID: 0005
Revises: 0004

A night of 94 exposures inserts 2,500 tasks, 14,000 edges and 2,500 wants, which name the
same few things again and again. The functions look things up by index whatever the
statistics were when their plans were made.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REFERENCES = {
    ("dep", "parent"): "task",
    ("dep", "child"): "task",
    ("job_task", "task_id"): "task",
    ("job_task", "job_id"): "job",
    ("task_event", "task_id"): "task",
    ("task", "unit_id"): "unit",
}

_CHECK = """
CREATE OR REPLACE FUNCTION check_{table}_{column}() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {column} AS named FROM added
                WHERE {column} IS NOT NULL) a
            WHERE NOT EXISTS (
                SELECT 1 FROM {target} t WHERE t.{target}_id = a.named)) THEN
        RAISE EXCEPTION '{table}.{column} names no {target}'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$
"""

_KNOWN = """
CREATE TRIGGER job_task_job_id_known AFTER INSERT ON job_task
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_job_task_job_id()
"""

_STATES = (
    *("PLANNED", "WAITING", "READY", "QUEUED", "RUNNING"),
    *("DONE", "FAILED", "BLOCKED", "CANCELLED"),
)


def upgrade() -> None:
    """Upgrade schema."""
    for (table, column), target in _REFERENCES.items():
        op.execute(_CHECK.format(table=table, column=column, target=target))
    op.drop_constraint("fk_job_task_job_id", "job_task", type_="foreignkey")
    op.execute(_KNOWN)
    op.execute(
        "CREATE TRIGGER job_kept BEFORE DELETE ON job "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.drop_constraint("fk_task_state", "task", type_="foreignkey")
    names = ", ".join(f"'{name}'" for name in _STATES)
    op.create_check_constraint(op.f("ck_task_state"), "task", f"state IN ({names})")


def downgrade() -> None:
    """Go back to foreign keys."""
    op.drop_constraint(op.f("ck_task_state"), "task", type_="check")
    op.create_foreign_key("fk_task_state", "task", "task_state", ["state"], ["name"])
    op.execute("DROP TRIGGER job_kept ON job")
    op.execute("DROP TRIGGER job_task_job_id_known ON job_task")
    op.create_foreign_key(
        "fk_job_task_job_id", "job_task", "job", ["job_id"], ["job_id"]
    )
