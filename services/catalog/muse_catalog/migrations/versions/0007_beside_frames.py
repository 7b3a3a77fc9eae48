"""target and exposure time beside the frames; an index for places in the sky.

Revision 0007 after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frame", sa.Column("exptime_s", sa.Float(53), nullable=True))
    op.add_column("frame", sa.Column("target", sa.String(), nullable=True))
    op.execute(
        "UPDATE frame SET exptime_s = f.exptime_s, target = f.target "
        "FROM file f WHERE f.file_id = frame.file_id"
    )
    op.drop_index("file_exptime", table_name="file")
    op.create_index("frame_exptime", "frame", ["tag", "exptime_s", "frame_id"])
    op.create_index("frame_target", "frame", ["target", "frame_id"])
    op.drop_index("file_dec", table_name="file")
    op.create_index("file_place", "file", ["dec", "ra"])
    # To compress them once more, or values of a long header, costs more than it saves.
    op.execute("ALTER TABLE header ALTER COLUMN packed SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE keyword ALTER COLUMN vals SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE keyword SET (toast_tuple_target = 4080)")


def downgrade() -> None:
    op.execute("ALTER TABLE keyword RESET (toast_tuple_target)")
    op.execute("ALTER TABLE keyword ALTER COLUMN vals SET STORAGE EXTENDED")
    op.execute("ALTER TABLE header ALTER COLUMN packed SET STORAGE EXTENDED")
    op.drop_index("file_place", table_name="file")
    op.create_index("file_dec", "file", ["dec"])
    op.drop_column("frame", "target")  # and the indexes that have it
    op.drop_column("frame", "exptime_s")
    op.create_index("file_exptime", "file", ["tag", "exptime_s"])
