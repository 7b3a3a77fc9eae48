"""memberships are found by account

A token is made from all memberships of an account; the primary key begins with the
project.

Revision ID: 0002
Revises: 0001

"""

from collections.abc import Sequence

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Upgrade schema."""
    op.create_index("membership_subject", "membership", ["subject"])


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_index("membership_subject", table_name="membership")
