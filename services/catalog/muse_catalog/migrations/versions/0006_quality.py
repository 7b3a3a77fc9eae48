"""four states of validity, versions of what people said, remarks, scores, saved queries.

Revision 0006 after 0003.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _said() -> list[sa.Column[Any]]:
    return [
        sa.Column("proposed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "flags_said",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
    ]


def _when() -> list[sa.Column[Any]]:
    return [
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    ]


def upgrade() -> None:
    for column in (
        *_said(),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
    ):
        op.add_column("frame", column)
    for column in (*_said(), sa.Column("version", sa.Integer(), nullable=True)):
        op.add_column("validity", column)
    op.create_table(
        "remark",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("frame_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=True),
        *_when(),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.frame_id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_remark_frame_id", "remark", ["frame_id"])
    op.create_table(
        "score",
        sa.Column("frame_id", sa.Uuid(), nullable=False),
        sa.Column("limits_version", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ifu", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("flag", sa.String(), nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frame.frame_id"]),
        sa.PrimaryKeyConstraint("frame_id", "limits_version", "ordinal"),
    )
    op.create_table(
        "saved_query",
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("doc", sa.String(), nullable=False),
        sa.Column("query", postgresql.JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", "name"),
    )


def downgrade() -> None:
    for table in ("saved_query", "score", "remark"):
        op.drop_table(table)
    for name in ("version", "flags_said", "proposed"):
        op.drop_column("validity", name)
    for name in ("grade", "version", "flags_said", "proposed"):
        op.drop_column("frame", name)
