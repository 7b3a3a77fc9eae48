"""Answers that came too late: their products leave the catalogue. SQL."""

from collections.abc import Sequence
from uuid import UUID

from musecore.db import Transaction

__all__ = ["SupersededStore"]

_SAID_OF_FRAMES = ("qc", "score", "remark", "validity")
_OF_ITS_FRAMES = (
    "DELETE FROM {table} t USING frame f "
    "WHERE t.frame_id = f.frame_id AND f.file_id = :id"
)
_OF_THE_FILE = (
    *map(_OF_ITS_FRAMES.format_map, ({"table": one} for one in _SAID_OF_FRAMES)),
    "DELETE FROM frame WHERE file_id = :id",
    "DELETE FROM header WHERE file_id = :id",
    "DELETE FROM keyword WHERE file_id = :id",
    # Products made elsewhere that name it wait for it again.
    "UPDATE lineage SET sha256 = NULL, content_key = NULL "
    "WHERE file_id = :id AND match_key IS NOT NULL",
)
_OF_THE_RUN = "DELETE FROM {table} WHERE task_id = :task_id AND attempt = :attempt"


class SupersededStore:
    """Products that do not count, in one transaction.

    The message that a file does not count may come before the one that tells of the
    file: it is remembered. Take the locks first, so that neither misses the other.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def lock(self, file_ids: Sequence[UUID]) -> None:
        """Let what concerns these files follow each other, until this one ends."""
        await self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtext('product'), hashtext(id)) FROM "
            "(SELECT unnest(CAST(:ids AS text[])) AS id ORDER BY id) AS ordered",
            {"ids": sorted(str(file_id) for file_id in file_ids)},
        )

    async def remember(self, file_id: UUID, reason: str) -> None:
        """Note that a file does not count, now and when it is told of."""
        await self._tx.execute(
            "INSERT INTO superseded (file_id, reason) VALUES (:id, :reason) "
            "ON CONFLICT DO NOTHING",
            {"id": file_id, "reason": reason},
        )

    async def any_of(self, file_ids: Sequence[UUID]) -> bool:
        """Whether one of these files does not count."""
        found = await self._tx.execute(
            "SELECT EXISTS (SELECT FROM superseded WHERE file_id = ANY(:ids))",
            {"ids": list(file_ids)},
        )
        return bool(found.scalar_one())

    async def forget_product(self, file_id: UUID) -> None:
        """Remove a product of ours, and its run with the last of its products."""
        for statement in _OF_THE_FILE:
            await self._tx.execute(statement, {"id": file_id})
        found = await self._tx.execute(
            "DELETE FROM file WHERE file_id = :id AND task_id IS NOT NULL "
            "RETURNING task_id, attempt",
            {"id": file_id},
        )
        run = found.first()
        if run is None:
            return
        values = {"task_id": run[0], "attempt": run[1]}
        left = await self._tx.execute(
            "SELECT EXISTS (SELECT FROM file "
            "WHERE task_id = :task_id AND attempt = :attempt)",
            values,
        )
        if not left.scalar_one():
            for table in ("lineage", "task_run"):
                await self._tx.execute(_OF_THE_RUN.format(table=table), values)
