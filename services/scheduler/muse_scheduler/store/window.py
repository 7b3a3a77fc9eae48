"""The window of each pool: what is under way, and whose turn is next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from musecore.db import Transaction
from musecore.times import utcnow


class Offer(NamedTuple):
    """A task as it is offered to workers."""

    task_id: UUID
    attempt: int
    key: str
    pool: str
    recipe: str
    ifu: int | None
    owner: str
    priority: int
    memory_mb: int
    threads: int


_OFFER = ", ".join(f"t.{name}" for name in Offer._fields)

_NEXT = f"""
WITH RECURSIVE kinds AS (
    (SELECT owner, priority FROM task WHERE state = 'READY' AND pool = :pool
        ORDER BY owner, priority LIMIT 1)
    UNION ALL
    SELECT n.owner, n.priority FROM kinds k CROSS JOIN LATERAL (
        SELECT owner, priority FROM task WHERE state = 'READY' AND pool = :pool
            AND (owner, priority) > (k.owner, k.priority)
        ORDER BY owner, priority LIMIT 1) n
), waited AS (
    SELECT k.owner, k.priority, u.served_at, COALESCE(s.weight, 1.0) AS weight,
        GREATEST(u.served_at, (SELECT min(COALESCE(t.ready_at, t.created)) FROM (
            SELECT ready_at, created FROM task WHERE state = 'READY' AND pool = :pool
                AND owner = k.owner AND priority = k.priority LIMIT 200) t)) AS since
    FROM kinds k LEFT JOIN share s USING (owner)
        LEFT JOIN turn u ON u.pool = :pool AND u.owner = k.owner
            AND u.priority = k.priority
), busy AS (
    SELECT owner, count(*) AS n FROM task
    WHERE state IN ('QUEUED', 'RUNNING') AND pool = :pool GROUP BY owner
), near AS (
    SELECT c.task_id, c.critical_s, w.owner, w.weight, w.served_at,
        w.priority + LEAST(:most, floor(GREATEST(0, extract(epoch FROM
            (CAST(:now AS timestamptz) - w.since))) / :ageing_s)) AS urgency
    FROM waited w CROSS JOIN LATERAL (
        SELECT task_id, critical_s FROM task WHERE state = 'READY' AND pool = :pool
            AND owner = w.owner AND priority = w.priority
            AND (not_before IS NULL OR not_before <= :now)
        ORDER BY critical_s DESC, task_id LIMIT :limit) c
), placed AS (
    SELECT n.*, (COALESCE(b.n, 0) + row_number() OVER (PARTITION BY n.owner
        ORDER BY n.urgency DESC, n.critical_s DESC, n.task_id)) / n.weight AS place
    FROM near n LEFT JOIN busy b USING (owner)
), chosen AS (
    SELECT task_id, row_number() OVER (ORDER BY urgency DESC, place,
        served_at NULLS FIRST, critical_s DESC, task_id) AS n FROM placed
    ORDER BY n LIMIT :limit
)
SELECT {_OFFER} FROM task t JOIN chosen c USING (task_id)
WHERE t.state = 'READY' ORDER BY c.n FOR UPDATE OF t SKIP LOCKED
"""  # noqa: S608  fixed column names

_INHERIT = """
WITH highest AS (
    SELECT w.task_id, max(j.priority) AS priority
    FROM job_task w JOIN job j USING (job_id)
    WHERE w.task_id = ANY(:ids) AND w.active AND j.cancelled_at IS NULL
    GROUP BY w.task_id
)
UPDATE task t SET priority = h.priority FROM highest h
WHERE t.task_id = h.task_id AND t.priority <> h.priority
    AND t.state NOT IN ('DONE', 'CANCELLED')
"""

_NEAREST = """
SELECT d.child, s.worker, sum(p.size) AS bytes
FROM dep d JOIN task t ON t.task_id = d.parent
    JOIN task s ON s.task_id = COALESCE(t.made_by, t.task_id)
    JOIN product p ON p.task_id = s.task_id AND p.state IN ('VALID', 'STALE')
WHERE d.child = ANY(:ids) AND s.worker = ANY(:workers)
GROUP BY d.child, s.worker ORDER BY d.child, bytes DESC, s.worker
"""

_HAND_OUT = """
WITH picked AS (
    SELECT r.id, r.worker FROM
        unnest(CAST(:ids AS uuid[]), CAST(:workers AS text[])) AS r(id, worker)
), changed AS (
    UPDATE task t SET state = 'QUEUED', queued_at = :now, preferred = p.worker,
        reason = 'handed to ' || COALESCE('worker ' || p.worker, 'pool ' || t.pool)
    FROM picked p WHERE t.task_id = p.id
    RETURNING t.task_id, t.attempt, t.reason, t.pool, t.owner, t.priority
), served AS (
    INSERT INTO turn (pool, owner, priority, served_at)
    SELECT DISTINCT pool, owner, priority, CAST(:now AS timestamptz) FROM changed
    ORDER BY pool, owner, priority
    ON CONFLICT (pool, owner, priority) DO UPDATE SET served_at = excluded.served_at
)
INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
SELECT task_id, :now, 'READY', 'QUEUED', attempt, :who, reason FROM changed
"""


class WindowStore:
    """What is ready, what is under way, and who was served when."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def waiting(self, pool: str, since: datetime) -> list[UUID]:
        """Give tasks of a pool that have been ready since before a moment."""
        found = await self._tx.execute(
            "SELECT task_id FROM task WHERE state = 'READY' AND pool = :pool "
            "AND COALESCE(ready_at, created) < :since ORDER BY task_id LIMIT 10000",
            {"pool": pool, "since": since},
        )
        return [row[0] for row in found]

    async def counts(self) -> dict[tuple[str, str], int]:
        """Count what is ready, queued and running, by (pool, state)."""
        found = await self._tx.execute(
            "SELECT pool, state, count(*) FROM task "
            "WHERE state IN ('READY', 'QUEUED', 'RUNNING') GROUP BY pool, state"
        )
        return {(row[0], row[1]): row[2] for row in found}

    async def next_ready(
        self, pool: str, limit: int, *, ageing_s: float, most: int
    ) -> list[Offer]:
        """Give the tasks whose turn it is, locked, the most urgent first.

        Among equally urgent ones the window is shared between owners: each next
        place goes to the owner with the fewest tasks under way for their weight,
        then to the one who was served longest ago.

        Parameters
        ----------
        ageing_s
            An owner's tasks of one priority gain a point for every such time in
            which none of them was handed out.
        most
            So many points at most.
        """
        found = await self._tx.execute(
            _NEXT,
            {
                "pool": pool,
                "limit": limit,
                "now": utcnow(),
                "ageing_s": ageing_s,
                "most": most,
            },
        )
        return [Offer(*row) for row in found]

    async def nearest(
        self, task_ids: Collection[UUID], workers: Collection[str]
    ) -> dict[UUID, str]:
        """Give the worker that made most of the bytes that each task reads."""
        found = await self._tx.execute(
            _NEAREST, {"ids": list(task_ids), "workers": sorted(workers)}
        )
        nearest: dict[UUID, str] = {}
        for row in found:
            nearest.setdefault(row[0], row[1])
        return nearest

    async def lost_at(self, task_ids: Collection[UUID]) -> dict[UUID, set[str]]:
        """Give the workers at which attempts were lost by the machine, by task."""
        if not task_ids:
            return {}
        found = await self._tx.execute(
            "SELECT DISTINCT task_id, worker FROM attempt WHERE task_id = ANY(:ids) "
            "AND outcome IN ('infrastructure', 'lost') AND worker IS NOT NULL",
            {"ids": list(task_ids)},
        )
        lost: dict[UUID, set[str]] = {}
        for task_id, worker in found:
            lost.setdefault(task_id, set()).add(worker)
        return lost

    async def hand_out(
        self, offers: Sequence[Offer], preferred: Mapping[UUID, str], who: str
    ) -> None:
        """Let tasks be QUEUED, and note who was served."""
        ids = [offer.task_id for offer in offers]
        await self._tx.execute(
            _HAND_OUT,
            {
                "ids": ids,
                "workers": [preferred.get(task_id) for task_id in ids],
                "now": utcnow(),
                "who": who,
            },
        )

    async def stuck(self, before: datetime, preferred_before: datetime) -> list[Offer]:
        """Give tasks that stand in a queue since before a time, locked.

        Those that were offered to one worker first have a time of their own.
        """
        found = await self._tx.execute(
            f"SELECT {_OFFER} FROM task t WHERE state = 'QUEUED' "  # noqa: S608
            "AND (queued_at < :before OR preferred IS NOT NULL AND "
            "queued_at < :preferred_before) "
            "ORDER BY task_id LIMIT 500 FOR UPDATE SKIP LOCKED",
            {"before": before, "preferred_before": preferred_before},
        )
        return [Offer(*row) for row in found]

    async def touch_queued(self, task_ids: Collection[UUID]) -> None:
        """Note that these tasks were announced again, to all."""
        await self._tx.execute(
            "UPDATE task SET queued_at = :now, preferred = NULL "
            "WHERE task_id = ANY(:ids)",
            {"ids": list(task_ids), "now": utcnow()},
        )

    # -- priorities
    async def prioritise(
        self, job_id: UUID, only: Collection[UUID] | None = None
    ) -> None:
        """Give the tasks of a job the highest priority of the live jobs wanting them.

        What a job wants includes everything that its products are made of, so
        shared ancestors inherit.

        Parameters
        ----------
        only
            Look at these of its tasks; the others have theirs.
        """
        if only is None:
            found = await self._tx.execute(
                "SELECT task_id FROM job_task WHERE job_id = :id", {"id": job_id}
            )
            only = [row[0] for row in found]
        if only:
            await self._tx.execute(_INHERIT, {"ids": list(only)})

    async def set_weight(self, owner: str, weight: float) -> None:
        """Let an owner have more or less of the window than others."""
        await self._tx.execute(
            "INSERT INTO share (owner, weight) VALUES (:owner, :weight) "
            "ON CONFLICT (owner) DO UPDATE SET weight = :weight",
            {"owner": owner, "weight": weight},
        )

    # -- memory
    async def learned(
        self, classes: Collection[str], *, attempts: int, quantile: float, least: int
    ) -> dict[str, float]:
        """Give the quantile of the peaks (MB) of the newest attempts by cost class."""
        found = await self._tx.execute(
            "SELECT c.name, l.peak FROM unnest(CAST(:classes AS text[])) AS c(name) "
            "CROSS JOIN LATERAL (SELECT count(*) AS n, percentile_disc(:quantile) "
            "WITHIN GROUP (ORDER BY a.max_rss_mb) AS peak FROM ("
            "SELECT max_rss_mb FROM attempt WHERE cost_class = c.name "
            "AND max_rss_mb IS NOT NULL AND outcome IN ('finished', 'out_of_memory') "
            "ORDER BY ended DESC LIMIT :attempts) a) l WHERE l.n >= :least",
            {
                "classes": sorted(classes),
                "attempts": attempts,
                "quantile": quantile,
                "least": least,
            },
        )
        return {row[0]: float(row[1]) for row in found}
