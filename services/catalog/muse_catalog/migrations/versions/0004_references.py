"""what headers tell of the making of products; units and wavelengths of cubes.

Revision 0004 after 0003.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from muse_catalog.rules import ColumnReader, Headers, References
from musecore.fits import HduHeader, expand_headers, provenance, qc_values
from musecore.muse.schema import load

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NEW = ("bunit", "wave_min", "wave_max", "wave_step")
_UNKNOWN = ("tel_ambi_fwhm_start", "tel_ambi_fwhm_end")
_NULLABLE = {"task_run": ("key", "worker", "started", "ended"), "lineage": ("sha256", "content_key")}  # fmt: skip
_RUN = """
INSERT INTO task_run (task_id, attempt, recipe, parameters, versions, warnings, caveats,
                      resources, rec)
VALUES (:task_id, :attempt, :recipe, CAST(:parameters AS jsonb),
        CAST(:versions AS jsonb), '{}', '{}', '{}', :rec)
"""
_INPUT = """
INSERT INTO lineage (task_id, attempt, ordinal, tag, file_id, filename, data_md5,
                     match_key, made_by)
VALUES (:task_id, :attempt, :ordinal, :tag, :file_id, :filename, :data_md5, :match_key,
        :made_by)
"""
_QC = """
INSERT INTO qc (frame_id, ordinal, name, ifu, value, text, unit)
VALUES (:frame_id, :ordinal, :name, :ifu, :value, :text, :unit)
"""
_HEAL = """
UPDATE lineage AS l
SET file_id = f.file_id, sha256 = f.sha256, content_key = f.content_key
FROM file AS f, file AS p
WHERE l.sha256 IS NULL AND l.match_key IS NOT NULL AND p.file_id = l.task_id
  AND f.file_id <> p.file_id AND (f.project = p.project OR f.kind = 'static')
  AND CASE WHEN f.kind = 'raw' THEN l.match_key = 'exposure ' || f.arcfile
      ELSE l.match_key IN ('name ' || f.arcfile,
                           'md5 ' || f.tag || ' ' || (f.keywords ->> 'datamd5')) END
"""


def upgrade() -> None:
    for table, columns in _NULLABLE.items():
        for column in columns:
            op.alter_column(table, column, nullable=True)
    op.add_column("task_run", sa.Column("rec", sa.Integer(), nullable=True))
    op.add_column("lineage", sa.Column("data_md5", sa.String(), nullable=True))
    op.add_column("lineage", sa.Column("match_key", sa.String(), nullable=True))
    op.add_column("lineage", sa.Column("made_by", sa.Integer(), nullable=True))
    op.create_index(
        "lineage_pending",
        "lineage",
        ["match_key"],
        postgresql_where=sa.text("sha256 IS NULL AND match_key IS NOT NULL"),
    )
    op.create_index(
        "file_data_md5",
        "file",
        [sa.text("(keywords ->> 'datamd5')")],
        postgresql_where=sa.text("kind <> 'raw'"),
    )
    _forget_unknown()
    _read_again()
    op.execute(_HEAL)


def _forget_unknown() -> None:
    """Take what stands for "unknown" out of the columns; headers keep it."""
    for name in _UNKNOWN:
        op.execute(
            f"UPDATE file SET keywords = keywords - '{name}' "  # noqa: S608  our names
            f"WHERE keywords -> '{name}' = '-1'::jsonb"
        )


def _read_again() -> None:
    """Read the headers of products and statics for what was not asked of them yet."""
    connection = op.get_bind()
    model = load()
    columns, references = ColumnReader(model), References(model)
    last = UUID(int=0)
    while True:
        some = connection.execute(
            sa.text(
                "SELECT file_id, filename, kind, tag, task_id, packed "
                "FROM file JOIN header USING (file_id) "
                "WHERE kind <> 'raw' AND file_id > :last ORDER BY file_id LIMIT 200"
            ),
            {"last": last},
        ).all()
        if not some:
            return
        for one in some:
            hdus = expand_headers(one.packed)
            _add_columns(connection, columns, one, hdus)
            if one.task_id is None and hdus:
                _add_history(connection, references, one.file_id, hdus)
            if one.task_id is None and one.kind == "product":
                _add_qc(connection, one.file_id, hdus)
        last = some[-1].file_id


def _add_columns(
    connection: sa.Connection, reader: ColumnReader, file: Any, hdus: list[HduHeader]
) -> None:
    primary, *others = [(one.extname, one.header.as_dict()) for one in hdus]
    found = reader.read(Headers(file.filename, primary[1], others), file.kind, file.tag)
    new = {name: found[name] for name in _NEW if name in found}
    if new:
        connection.execute(
            sa.text(
                "UPDATE file SET keywords = keywords || CAST(:new AS jsonb) "
                "WHERE file_id = :file_id"
            ),
            {"file_id": file.file_id, "new": json.dumps(new)},
        )


def _add_history(
    connection: sa.Connection,
    references: References,
    file_id: UUID,
    hdus: list[HduHeader],
) -> None:
    history = references.history(file_id, provenance(hdus[0].header))
    for run, inputs in history:
        told = run.model_dump(include={"task_id", "attempt", "recipe", "rec"})
        texts = {
            "parameters": json.dumps(run.parameters),
            "versions": json.dumps(run.versions),
        }
        connection.execute(sa.text(_RUN), {**told, **texts})
        if inputs:
            connection.execute(sa.text(_INPUT), list(_numbered(inputs)))


def _add_qc(connection: sa.Connection, file_id: UUID, hdus: list[HduHeader]) -> None:
    values = qc_values(hdus)
    frames = connection.execute(
        sa.text("SELECT frame_id, ifu FROM frame WHERE file_id = :id"), {"id": file_id}
    ).all()
    rows = [
        {
            "frame_id": frame.frame_id,
            "ordinal": n,
            "name": one.name,
            "ifu": one.ifu,
            "value": one.value if _is_number(one.value) else None,
            "text": None
            if one.value is None or _is_number(one.value)
            else str(one.value),
            "unit": one.unit or None,
        }
        for frame in frames
        for n, one in enumerate(values)
        if None in (frame.ifu, one.ifu) or one.ifu == frame.ifu
    ]
    if rows:
        connection.execute(sa.text(_QC), rows)


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float)


def _numbered(inputs: list[Any]) -> Iterator[dict[str, Any]]:
    for ordinal, one in enumerate(inputs):
        yield {"ordinal": ordinal, **one.model_dump()}


def downgrade() -> None:
    op.execute(
        "DELETE FROM qc USING frame, file WHERE qc.frame_id = frame.frame_id "
        "AND frame.file_id = file.file_id AND file.task_id IS NULL"
    )
    op.execute("DELETE FROM lineage WHERE task_id IN (SELECT file_id FROM file)")
    op.execute("DELETE FROM task_run WHERE rec IS NOT NULL")
    op.drop_index("file_data_md5", table_name="file")
    op.drop_index("lineage_pending", table_name="lineage")
    for column in ("made_by", "match_key", "data_md5"):
        op.drop_column("lineage", column)
    op.drop_column("task_run", "rec")
    for table, columns in _NULLABLE.items():
        for column in columns:
            op.alter_column(table, column, nullable=False)
