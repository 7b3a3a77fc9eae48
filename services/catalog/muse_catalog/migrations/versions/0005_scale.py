"""a million objects: keywords by shape, classes and times beside the frames.

Revision 0005 after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ADDED = (
    ("tag", sa.String()),
    ("kind", sa.String()),
    ("project", sa.String()),
    ("night", sa.Date()),
    ("mjd_us", sa.BigInteger()),
)
_SHAPED = """
UPDATE keyword SET shape_id = md5(coalesce((
    SELECT json_agg(e.key ORDER BY e.key COLLATE "C")::text FROM jsonb_each(keywords) e
), '[]'))::uuid, vals = coalesce((
    SELECT jsonb_agg(e.value ORDER BY e.key COLLATE "C") FROM jsonb_each(keywords) e
), '[]')
"""
_SHAPES = """
INSERT INTO shape (shape_id, places)
SELECT found.shape_id, coalesce((
    SELECT jsonb_object_agg(e.key, e.place) FROM (
        SELECT k.key, row_number() OVER (ORDER BY k.key COLLATE "C") - 1 AS place
        FROM jsonb_object_keys(found.keywords) AS k(key)
    ) e), '{}')
FROM (
    SELECT DISTINCT ON (o.shape_id) o.shape_id, o.keywords FROM keyword o
    ORDER BY o.shape_id
) found
"""


def upgrade() -> None:
    _frames()
    _files()
    _keywords()


def _frames() -> None:
    for name, kind in _ADDED:
        op.add_column("frame", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE frame SET tag = f.tag, kind = f.kind, project = f.project, "
        "night = f.night, mjd_us = f.mjd_us FROM file f WHERE f.file_id = frame.file_id"
    )
    for name in ("tag", "kind", "project"):
        op.alter_column("frame", name, nullable=False)
    newest = sa.text("mjd_us DESC NULLS LAST")
    op.create_index("frame_class", "frame", ["tag", "frame_id"])
    op.create_index("frame_class_time", "frame", ["tag", "mjd_us", "frame_id"])
    op.create_index("frame_class_newest", "frame", ["tag", newest, "frame_id"])
    op.create_index("frame_time", "frame", ["mjd_us", "frame_id"])
    op.create_index("frame_newest", "frame", [newest, "frame_id"])
    op.create_index("frame_night", "frame", ["night", "tag"])


def _files() -> None:
    op.drop_index("file_tag_time", table_name="file")
    op.drop_index("file_task", table_name="file")
    op.create_index("file_task", "file", ["task_id", "attempt"])
    op.create_index(
        "file_made_content",
        "file",
        ["project", "sha256"],
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.create_index("file_name", "file", ["filename"])
    op.create_index("file_object", "file", ["object"])
    op.create_index("file_ob", "file", ["obs_id"])
    op.create_index("file_programme", "file", ["prog_id"])
    op.create_index("file_exptime", "file", ["tag", "exptime_s"])
    op.create_index("file_dec", "file", ["dec"])


def _keywords() -> None:
    op.create_table(
        "shape",
        sa.Column("shape_id", sa.Uuid(), nullable=False),
        sa.Column("places", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("shape_id"),
    )
    op.add_column("keyword", sa.Column("shape_id", sa.Uuid(), nullable=True))
    op.add_column("keyword", sa.Column("vals", postgresql.JSONB(), nullable=True))
    op.execute(_SHAPED)
    op.execute(_SHAPES)
    op.alter_column("keyword", "shape_id", nullable=False)
    op.alter_column("keyword", "vals", nullable=False)
    op.drop_column("keyword", "keywords")
    op.create_index("keyword_shape", "keyword", ["shape_id"])


def downgrade() -> None:
    op.add_column("keyword", sa.Column("keywords", postgresql.JSONB(), nullable=True))
    op.execute(
        "UPDATE keyword SET keywords = coalesce((SELECT jsonb_object_agg(p.key, "
        "keyword.vals -> p.value::int) FROM shape s, jsonb_each_text(s.places) p "
        "WHERE s.shape_id = keyword.shape_id), '{}')"
    )
    op.alter_column("keyword", "keywords", nullable=False)
    op.drop_index("keyword_shape", table_name="keyword")
    op.drop_column("keyword", "vals")
    op.drop_column("keyword", "shape_id")
    op.drop_table("shape")
    for name in ("file_made_content", "file_name", "file_object", "file_ob"):
        op.drop_index(name, table_name="file")
    for name in ("file_programme", "file_exptime", "file_dec", "file_task"):
        op.drop_index(name, table_name="file")
    op.create_index("file_task", "file", ["task_id"])
    op.create_index("file_tag_time", "file", ["tag", "mjd_us"])
    for name, _ in _ADDED:
        op.drop_column("frame", name)  # and the indexes that have it
