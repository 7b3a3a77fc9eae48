"""Products, their states, and the cache of realised keys."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from muse_scheduler.store.kept import KeptProduct
from musecore.db import Transaction
from musecore.identity import TRIAL_PREFIX
from musecore.messages import ProductMade
from musecore.times import utcnow

_COLUMNS = ", ".join(KeptProduct.model_fields)

_INSERT = """
WITH made AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(product_id uuid,
        task_id uuid, attempt integer, file_id uuid, tag text, ordinal integer,
        ifu smallint, filename text, object_key text, sha256 text, content_key text,
        size bigint)
), old AS (
    SELECT product_id AS id, state AS from_state FROM product
    WHERE task_id = ANY(:tasks) AND state IN ('VALID', 'STALE')
        AND product_id NOT IN (SELECT product_id FROM made) FOR UPDATE
), changed AS (
    UPDATE product SET state = 'SUPERSEDED', reason = :why
    FROM old WHERE product_id = old.id RETURNING product_id, old.from_state
), told AS (
    INSERT INTO product_event (product_id, at, from_state, to_state, why)
    SELECT product_id, :now, from_state, 'SUPERSEDED', :why FROM changed
)
INSERT INTO product (product_id, task_id, attempt, file_id, tag, ordinal, ifu, filename,
    object_key, sha256, content_key, size, state, reason, created)
SELECT product_id, task_id, attempt, file_id, tag, ordinal, ifu, filename,
    object_key, sha256, content_key, size, 'VALID', 'made', :now FROM made
ON CONFLICT (product_id) DO NOTHING
"""

_MOVE = """
WITH old AS (
    SELECT product_id, state FROM product
    WHERE product_id = ANY(:ids) AND state <> :state FOR UPDATE
), changed AS (
    UPDATE product p SET state = :state, reason = :why FROM old
    WHERE p.product_id = old.product_id
    RETURNING p.product_id, old.state AS from_state
)
INSERT INTO product_event (product_id, at, from_state, to_state, why)
SELECT product_id, :now, from_state, :state, :why FROM changed
"""

_CURRENT = f"""
SELECT DISTINCT ON (task_id, tag, ordinal) {_COLUMNS} FROM product
WHERE task_id = ANY(:ids) AND state <> 'SUPERSEDED'
ORDER BY task_id, tag, ordinal, created DESC, product_id DESC
"""  # noqa: S608  fixed column names

_EVICTABLE = f"""
SELECT {_COLUMNS} FROM product p
WHERE p.state = 'VALID' AND p.tag = ANY(:tags)
    AND NOT EXISTS (
        SELECT 1 FROM task t JOIN dep d ON d.parent = t.task_id
            JOIN task c ON c.task_id = d.child
        WHERE (t.task_id = p.task_id OR t.made_by = p.task_id)
            AND c.state NOT IN ('DONE', 'CANCELLED'))
    AND NOT EXISTS (
        SELECT 1 FROM task t JOIN job_task w ON w.task_id = t.task_id
            JOIN job j ON j.job_id = w.job_id
        WHERE (t.task_id = p.task_id OR t.made_by = p.task_id)
            AND w.active AND j.cancelled_at IS NULL AND p.tag = ANY(w.targets))
ORDER BY p.created, p.product_id FOR UPDATE SKIP LOCKED
"""  # noqa: S608  fixed column names

_ENDED_TRIALS = f"""
SELECT {", ".join(f"p.{name}" for name in KeptProduct.model_fields)}
FROM task t JOIN product p USING (task_id)
WHERE t.project LIKE '{TRIAL_PREFIX}%' AND p.state <> 'SUPERSEDED'
    AND p.created < :before
    AND NOT EXISTS (
        SELECT 1 FROM task s JOIN job_task w ON w.task_id = s.task_id
            JOIN job j ON j.job_id = w.job_id
        WHERE (s.task_id = t.task_id OR s.made_by = t.task_id)
            AND w.active AND j.created >= :before)
    AND NOT EXISTS (
        SELECT 1 FROM task s JOIN dep d ON d.parent = s.task_id
            JOIN task c ON c.task_id = d.child
        WHERE (s.task_id = t.task_id OR s.made_by = t.task_id)
            AND c.state IN ('PLANNED', 'WAITING', 'READY', 'QUEUED', 'RUNNING'))
ORDER BY p.created, p.product_id LIMIT :most FOR UPDATE OF p SKIP LOCKED
"""  # noqa: S608  fixed column names


class ProductStore:
    """Rows of ``product``, ``product_event`` and ``cache``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(
        self, task_id: UUID, attempt: int, products: Sequence[ProductMade]
    ) -> None:
        """Register what an attempt made; earlier ones of the task are SUPERSEDED."""
        await self.add_many({task_id: (attempt, products)})

    async def add_many(
        self, made: Mapping[UUID, tuple[int, Sequence[ProductMade]]]
    ) -> None:
        """Register what attempts made, by task; earlier ones are SUPERSEDED."""
        rows = [
            product.model_dump(mode="json", exclude={"headers"})
            | {"task_id": str(task_id), "attempt": attempt}
            for task_id, (attempt, products) in made.items()
            for product in products
        ]
        if made:
            await self._tx.execute(
                _INSERT,
                {
                    "rows": json.dumps(rows),
                    "tasks": list(made),
                    "why": "made again in a later attempt",
                    "now": utcnow(),
                },
            )

    async def current(
        self, task_ids: Collection[UUID]
    ) -> dict[tuple[UUID, str, int], KeptProduct]:
        """Give the newest product for each (task, tag, ordinal)."""
        if not task_ids:
            return {}
        found = await self._tx.execute(_CURRENT, {"ids": list(task_ids)})
        products = (_product(row) for row in found.mappings())
        return {(p.task_id, p.tag, p.ordinal): p for p in products}

    async def product(self, product_id: UUID) -> KeptProduct | None:
        """Give one product."""
        found = await self._select("product_id = :id", {"id": product_id})
        return found[0] if found else None

    async def of_attempt(self, task_id: UUID, file_ids: Collection[UUID]) -> bool:
        """Whether these files are products of the task already."""
        found = await self._select(
            "task_id = :id AND file_id = ANY(:files)",
            {"id": task_id, "files": list(file_ids)},
        )
        return len(found) == len(set(file_ids))

    async def of_file(self, file_id: UUID) -> list[KeptProduct]:
        """Give the products that a file holds."""
        return await self._select("file_id = :id", {"id": file_id})

    async def evictable(self, tags: Collection[str]) -> list[KeptProduct]:
        """Give products of these tags that nothing waits for, oldest first.

        Left out are products with a consumer that is not DONE, and products that
        a live job was made for.
        """
        found = await self._tx.execute(_EVICTABLE, {"tags": list(tags)})
        return [_product(row) for row in found.mappings()]

    async def ended_trials(self, before: datetime, most: int) -> list[KeptProduct]:
        """Give products of trials that are older than `before`, the oldest first.

        Left out are products that a younger job of the same person wants too, and
        those that a task waits for.
        """
        found = await self._tx.execute(_ENDED_TRIALS, {"before": before, "most": most})
        return [_product(row) for row in found.mappings()]

    async def move(self, product_ids: Collection[UUID], state: str, why: str) -> None:
        """Change the state of products and write it down."""
        if product_ids:
            await self._tx.execute(
                _MOVE,
                {
                    "ids": list(product_ids),
                    "state": state,
                    "why": why,
                    "now": utcnow(),
                },
            )

    async def _select(self, where: str, values: Mapping[str, Any]) -> list[KeptProduct]:
        found = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM product WHERE {where} "  # noqa: S608  fixed text
            "ORDER BY tag, ordinal, product_id",
            values,
        )
        return [_product(row) for row in found.mappings()]

    # -- cache
    async def cached(
        self, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], UUID]:
        """Give the tasks whose products have these (project, realised key)."""
        found = await self._tx.execute(
            "SELECT c.project, c.realised_key, c.task_id FROM cache c JOIN unnest("
            "CAST(:projects AS text[]), CAST(:keys AS text[])) AS k(project, key) "
            "ON c.project = k.project AND c.realised_key = k.key",
            {
                "projects": [project for project, _ in keys],
                "keys": [key for _, key in keys],
            },
        )
        return {(row[0], row[1]): row[2] for row in found}


def _product(row: Mapping[str, Any]) -> KeptProduct:
    return KeptProduct.model_validate(dict(row))
