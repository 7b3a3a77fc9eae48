"""Runs elsewhere, and inputs that headers name: kept, pending, found. SQL."""

from collections.abc import Collection, Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import and_, any_, or_, select

from muse_catalog.models import FileRecord, InputRow, TaskRun
from muse_catalog.store.many import texts
from muse_catalog.tables import FileRow
from musecore.db import Transaction

__all__ = ["Offer", "ReferenceStore"]

Offer = tuple[str, FileRecord]
"""A key, and a file that offers it."""

_FILE = FileRow.__table__.c
_RUN = tuple(TaskRun.model_fields)
_JSON = frozenset({"parameters", "versions", "resources"})
_INPUT = tuple(InputRow.model_fields)
_TURNS = "SELECT pg_advisory_xact_lock{how}(hashtext('references'))"
_HEAL = """
UPDATE lineage AS l
SET file_id = o.file_id, sha256 = o.sha256, content_key = o.content_key
FROM unnest(
         CAST(:keys AS text[]), CAST(:ids AS uuid[]), CAST(:sums AS text[]),
         CAST(:contents AS text[]), CAST(:projects AS text[]), CAST(:statics AS bool[])
     ) AS o (key, file_id, sha256, content_key, project, static),
     file AS p
WHERE l.match_key = o.key AND l.sha256 IS NULL AND l.match_key IS NOT NULL
  AND p.file_id = l.task_id AND p.file_id <> o.file_id
  AND (p.project = o.project OR o.static)
"""


class ReferenceStore:
    """What headers tell of the making of files, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def take_turns(self, *, alone: bool) -> None:
        """Wait for products that name files, or `alone`, for whatever arrives."""
        await self._tx.execute(_TURNS.format(how="" if alone else "_shared"))

    async def add(self, history: Sequence[tuple[TaskRun, Sequence[InputRow]]]) -> None:
        """Keep the runs that headers tell of, and their inputs."""
        runs = [_run(run) for run, _ in history]
        if runs:
            await self._tx.copy("task_run", _RUN, runs)
        rows = [
            (ordinal, *(getattr(one, name) for name in _INPUT))
            for _, inputs in history
            for ordinal, one in enumerate(inputs)
        ]
        if rows:
            await self._tx.copy("lineage", ("ordinal", *_INPUT), rows)

    async def heal(self, offers: Sequence[Offer]) -> None:
        """Say which file is meant, wherever one is waited for; the first offer counts."""
        first: dict[tuple[str, str], Offer] = {}
        for key, file in offers:
            first.setdefault((key, file.project), (key, file))
        if not first:
            return
        found = list(first.values())
        await self._tx.execute(
            _HEAL,
            {
                "keys": [key for key, _ in found],
                "ids": [file.file_id for _, file in found],
                "sums": [file.sha256 for _, file in found],
                "contents": [file.content_key for _, file in found],
                "projects": [file.project for _, file in found],
                "statics": [file.kind == "static" for _, file in found],
            },
        )

    async def files_like(self, keys: Collection[str]) -> list[FileRecord]:
        """Give files that may offer one of the keys: those with bytes, oldest, first."""
        words = [key.partition(" ") for key in sorted(keys)]
        names = [told for kind, _, told in words if kind != "md5"]
        sums = [told.rpartition(" ")[2] for kind, _, told in words if kind == "md5"]
        columns = [_FILE[name] for name in FileRecord.model_fields]
        of_data = _FILE.keywords["datamd5"].astext == any_(texts(sums))
        named = _FILE.arcfile == any_(texts(names))
        query = (
            select(*columns)
            .where(or_(named, and_(_FILE.kind != "raw", of_data)))
            .order_by(_FILE.state != "STORED", _FILE.file_id)
        )
        found = await self._tx.session.execute(query)
        return [FileRecord.model_validate(dict(row._mapping)) for row in found]


def _run(run: TaskRun) -> list[Any]:
    """Give the row of a run."""
    told = ((name, getattr(run, name)) for name in _RUN)
    return [to_json(one).decode() if name in _JSON else one for name, one in told]
