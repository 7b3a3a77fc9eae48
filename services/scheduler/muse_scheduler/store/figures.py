"""Figures of the whole table of tasks, for those who watch."""

from __future__ import annotations

from typing import NamedTuple

from musecore.db import Transaction

_ACTIVE = """
SELECT pool, state, count(*) AS n,
    COALESCE(max(EXTRACT(epoch FROM now() - queued_at))
        FILTER (WHERE state = 'QUEUED'), 0) AS age_s
FROM task WHERE state IN ('READY', 'QUEUED', 'RUNNING') GROUP BY pool, state
"""

_OLDEST_READY = """
SELECT pool, max(EXTRACT(epoch FROM now() - GREATEST(ready_at, not_before))) AS age_s
FROM task WHERE state = 'READY' AND (not_before IS NULL OR not_before <= now())
GROUP BY pool
"""

_REST = """
SELECT pool, state, count(*) AS n,
    count(*) FILTER (WHERE made_by IS NOT NULL) AS reused
FROM task WHERE state NOT IN ('READY', 'QUEUED', 'RUNNING') GROUP BY pool, state
"""


class Share(NamedTuple):
    """Tasks of a pool in a state; ``age_s`` of the one that waits longest in a queue."""

    pool: str
    state: str
    tasks: int
    age_s: float = 0.0
    reused: int = 0


class FigureStore:
    """Counts tasks."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def active(self) -> list[Share]:
        """Count tasks that are ready, queued or running; cheap by a partial index."""
        found = await self._tx.execute(_ACTIVE)
        return [Share(pool, state, n, float(age_s)) for pool, state, n, age_s in found]

    async def oldest_ready(self) -> dict[str, float]:
        """Give pool -> seconds since its oldest ready task could have been handed out."""
        found = await self._tx.execute(_OLDEST_READY)
        return {pool: float(age_s or 0.0) for pool, age_s in found}

    async def rest(self) -> list[Share]:
        """Count all other tasks; reads the whole table."""
        found = await self._tx.execute(_REST)
        return [Share(pool, state, n, 0.0, reused) for pool, state, n, reused in found]
