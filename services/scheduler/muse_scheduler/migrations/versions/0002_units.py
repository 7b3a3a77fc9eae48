"""units: what the IFUs of a planned recipe share is stored once

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-25 06:00:00

Tasks of revision 0001 keep their own ``planned``; new ones have a unit instead. Keys of
other tables to tasks are checked once for each statement: a night has 14,000 edges.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from musecore.db import NoWayBack

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REFERENCES = {
    ("dep", "parent"): "task",
    ("dep", "child"): "task",
    ("job_task", "task_id"): "task",
    ("task_event", "task_id"): "task",
    ("task", "unit_id"): "unit",
}

_CHECK = """
CREATE FUNCTION check_{table}_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added a WHERE a.{column} IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM {target} t WHERE t.{target}_id = a.{column})) THEN
        RAISE EXCEPTION '{table}.{column} names no {target}'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Upgrade schema."""
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.UUID(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("group_label", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_unit")),
    )
    op.add_column("task", sa.Column("unit_id", sa.UUID(), nullable=True))
    op.alter_column("task", "planned", nullable=True)
    op.create_check_constraint(
        op.f("ck_task_planned"), "task", "num_nonnulls(planned, unit_id) = 1"
    )
    _lighten()
    for table, column in (("dep", "parent"), ("dep", "child")):
        op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")
    for table in ("job_task", "task_event"):
        op.drop_constraint(f"fk_{table}_task_id", table, type_="foreignkey")
    for (table, column), target in _REFERENCES.items():
        op.execute(_CHECK.format(table=table, column=column, target=target))
        op.execute(
            f"CREATE TRIGGER {table}_{column}_known AFTER INSERT ON {table} "
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT "
            f"EXECUTE FUNCTION check_{table}_{column}()"
        )
    for table in ("unit", "task"):
        change = "UPDATE OR DELETE" if table == "unit" else "DELETE"
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE {change} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _lighten() -> None:
    """Make indexes serve all their readers, and hold only what is looked for."""
    op.create_unique_constraint(op.f("uq_task_key_project"), "task", ["key", "project"])
    op.drop_constraint(op.f("uq_task_project_key"), "task", type_="unique")
    op.drop_index(op.f("ix_task_key"), table_name="task")
    op.drop_index(op.f("ix_task_made_by"), table_name="task")
    op.create_index(
        "ix_task_made_by",
        "task",
        ["made_by"],
        postgresql_where=sa.text("made_by IS NOT NULL"),
    )
    op.drop_index(op.f("ix_task_recipe_ifu_group_label"), table_name="task")
    op.create_index(op.f("ix_task_group_label"), "task", ["group_label"])


def downgrade() -> None:
    """Refuse: tasks of this revision cannot be written in the form of the one before."""
    raise NoWayBack("Tasks of 0002 have no form in 0001.", hint="Restore a backup.")
