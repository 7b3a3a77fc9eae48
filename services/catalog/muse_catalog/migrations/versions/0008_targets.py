"""who may know of a frame stands in the index of targets.

Revision 0008 after 0007.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ["target", "frame_id"]


def upgrade() -> None:
    op.drop_index("frame_target", table_name="frame")
    op.create_index(
        "frame_target", "frame", COLUMNS, postgresql_include=["project", "kind"]
    )


def downgrade() -> None:
    op.drop_index("frame_target", table_name="frame")
    op.create_index("frame_target", "frame", COLUMNS)
