"""any keyword of any header can be asked for.

Revision 0003 after 0002.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from muse_catalog.rules import searchable
from musecore.fits import expand_headers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keyword",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("hdu", sa.Integer(), nullable=False),
        sa.Column("extname", sa.String(), nullable=False),
        sa.Column("keywords", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.file_id"]),
        sa.PrimaryKeyConstraint("file_id", "hdu"),
    )
    _fill()


def _fill() -> None:
    """Make what is catalogued already found as well."""
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO keyword (file_id, hdu, extname, keywords) "
        "VALUES (:file_id, :hdu, :extname, CAST(:keywords AS jsonb))"
    )
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        some = connection.execute(
            sa.text(
                "SELECT file_id, packed FROM header WHERE file_id > :last "
                "ORDER BY file_id LIMIT 200"
            ),
            {"last": last},
        ).all()
        if not some:
            break
        connection.execute(insert, [row for one in some for row in _rows(*one)])
        last = some[-1][0]
    connection.execute(
        sa.text(
            "INSERT INTO keyword (file_id, hdu, extname, keywords) "
            "SELECT file_id, 0, '', keywords FROM given"
        )
    )


def _rows(file_id: UUID, packed: bytes) -> Iterator[dict[str, Any]]:
    for n, hdu in enumerate(expand_headers(packed)):
        keywords = json.dumps(searchable(hdu.header.as_dict()))
        yield {
            "file_id": file_id,
            "hdu": n,
            "extname": hdu.extname,
            "keywords": keywords,
        }


def downgrade() -> None:
    op.drop_table("keyword")
