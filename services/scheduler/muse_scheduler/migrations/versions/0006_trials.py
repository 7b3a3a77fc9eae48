"""Trials are found without reading all tasks.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Upgrade schema."""
    op.create_index(
        "ix_task_trial",
        "task",
        ["project"],
        postgresql_where=sa.text("project LIKE 'trial:%'"),
    )


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_index("ix_task_trial", "task")
