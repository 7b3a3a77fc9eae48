"""Notices: what there is to tell of jobs, and whom it has reached."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from muse_scheduler.models import Delivery, FailedTask, JobState, NoticeText, Occasion
from musecore.db import Transaction
from musecore.times import utcnow, uuid7

_BUSY = """
busy AS MATERIALIZED (
    SELECT DISTINCT w.job_id FROM task t JOIN job_task w USING (task_id)
    WHERE t.state IN ('READY', 'QUEUED', 'RUNNING') AND w.active
)"""

# A job that is done is done: that another job makes its products again is no news.
_ENDED = f"""
WITH {_BUSY}, quiet AS (
    SELECT j.job_id, g.n FROM job j CROSS JOIN LATERAL (
        SELECT COALESCE(max(n), 0) AS n FROM job_graph WHERE job_id = j.job_id) g
    WHERE j.cancelled_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM busy b WHERE b.job_id = j.job_id)
        AND NOT EXISTS (SELECT 1 FROM notice e WHERE e.job_id = j.job_id
            AND e.state = 'DONE' AND e.graph_n = g.n)
), resting AS (
    SELECT q.job_id, q.n, bool_or(t.state IN ('FAILED', 'BLOCKED', 'CANCELLED')) AS bad,
        bool_or(t.state IN ('PLANNED', 'WAITING')) AS waits
    FROM quiet q LEFT JOIN job_task w ON w.job_id = q.job_id AND w.active
    LEFT JOIN task t USING (task_id) GROUP BY q.job_id, q.n
), over AS (
    SELECT r.job_id, r.n, r.n || ':' || COALESCE((
        SELECT max(e.id) FROM job_task w JOIN task t USING (task_id)
        JOIN task_event e USING (task_id)
        WHERE w.job_id = r.job_id AND w.active AND t.state IN ('FAILED', 'CANCELLED')
            AND e.to_state IN ('FAILED', 'CANCELLED')), 0) AS mark
    FROM resting r WHERE r.bad OR r.waits IS NOT TRUE
    UNION ALL
    SELECT job_id, 0, 'cancelled:' || extract(epoch FROM cancelled_at) FROM job
    WHERE cancelled_at IS NOT NULL
)
SELECT o.job_id, 'ended' AS kind, o.mark, o.n AS graph_n FROM over o
WHERE NOT EXISTS (SELECT 1 FROM notice e WHERE e.job_id = o.job_id AND e.mark = o.mark)
ORDER BY o.job_id LIMIT :limit
"""  # noqa: S608  fixed text

_FAILING = f"""
WITH {_BUSY}, failing AS (
    SELECT DISTINCT w.job_id FROM task t JOIN job_task w USING (task_id)
    JOIN job j USING (job_id) JOIN busy b USING (job_id)
    WHERE t.state = 'FAILED' AND w.active AND j.cancelled_at IS NULL
), tries AS (
    SELECT f.job_id, 'failing:' || (SELECT count(*) FROM notice e
        WHERE e.job_id = f.job_id AND e.kind = 'ended') AS mark FROM failing f
)
SELECT r.job_id, 'failing' AS kind, r.mark, 0 AS graph_n FROM tries r
WHERE NOT EXISTS (SELECT 1 FROM notice e WHERE e.job_id = r.job_id AND e.mark = r.mark)
ORDER BY r.job_id LIMIT :limit
"""  # noqa: S608  fixed text

_FAILED = """
SELECT t.task_id, t.recipe, t.ifu, t.group_label, a.attempt,
    COALESCE(a.outcome, '') AS outcome, a.detail, a.telling_lines
FROM job_task w JOIN task t USING (task_id) CROSS JOIN LATERAL (
    SELECT * FROM attempt WHERE task_id = t.task_id ORDER BY attempt DESC LIMIT 1) a
WHERE w.job_id = :job_id AND w.active AND t.state = 'FAILED'
ORDER BY a.ended DESC NULLS LAST, t.task_id LIMIT :limit
"""

_CLAIM = """
WITH due AS (
    SELECT notice_id, address FROM delivery WHERE state = 'unsent' AND next_at <= :now
    ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE delivery d SET attempts = d.attempts + 1, next_at = :lease FROM due
    WHERE d.notice_id = due.notice_id AND d.address = due.address
    RETURNING d.notice_id, d.address, d.attempts
)
SELECT t.notice_id, t.address, t.attempts, n.subject, n.text, n.facts
FROM taken t JOIN notice n USING (notice_id)
"""


class NoticeStore:
    """Rows of ``notice`` and ``delivery``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def occasions(self, limit: int) -> list[Occasion]:
        """Give jobs that ended, or have begun to fail, of which nothing was told."""
        found = []
        for query in (_ENDED, _FAILING):
            rows = await self._tx.execute(query, {"limit": limit})
            found += [Occasion.model_validate(dict(row)) for row in rows.mappings()]
        return found

    async def failed_tasks(self, job_id: UUID, limit: int) -> list[FailedTask]:
        """Give failed tasks of a job with their last attempts, the latest first."""
        found = await self._tx.execute(_FAILED, {"job_id": job_id, "limit": limit})
        return [FailedTask.model_validate(dict(row)) for row in found.mappings()]

    async def add(
        self,
        occasion: Occasion,
        state: JobState,
        words: NoticeText,
        addresses: Collection[str],
    ) -> bool:
        """Write a notice for these addresses; False: another scheduler has."""
        now = utcnow()
        values = {
            **occasion.model_dump(),
            "notice_id": uuid7(),
            "state": state.value,
            "subject": words.subject,
            "text": words.text,
            "facts": json.dumps(words.facts),
            "now": now,
        }
        added = await self._tx.execute(
            "INSERT INTO notice (notice_id, job_id, kind, state, mark, graph_n, subject, "
            "text, facts, created) VALUES (:notice_id, :job_id, :kind, :state, :mark, "
            ":graph_n, :subject, :text, CAST(:facts AS jsonb), :now) "
            "ON CONFLICT (job_id, mark) DO NOTHING RETURNING notice_id",
            values,
        )
        if added.first() is None:
            return False
        rows = [
            {"notice_id": values["notice_id"], "address": address, "now": now}
            for address in addresses
        ]
        if rows:
            await self._tx.execute(
                "INSERT INTO delivery (notice_id, address, state, attempts, last_error, "
                "next_at) VALUES (:notice_id, :address, 'unsent', 0, '', :now)",
                rows,
            )
        return True

    async def claim(self, limit: int, lease: timedelta) -> list[Delivery]:
        """Take what is due; nobody else gets it before the lease is over."""
        now = utcnow()
        found = await self._tx.execute(
            _CLAIM, {"now": now, "lease": now + lease, "limit": limit}
        )
        return [Delivery.model_validate(dict(row)) for row in found.mappings()]

    async def sent(self, delivery: Delivery) -> None:
        """Note that a notice has arrived."""
        await self._move(delivery, "sent", "", None)

    async def put_off(self, delivery: Delivery, why: str, until: datetime) -> None:
        """Note why a notice did not arrive, and when it is sent again."""
        await self._move(delivery, "unsent", why, until)

    async def give_up(self, delivery: Delivery, why: str) -> None:
        """Note why a notice is not sent any more."""
        await self._move(delivery, "given up", why, None)

    async def _move(
        self, delivery: Delivery, state: str, why: str, next_at: datetime | None
    ) -> None:
        now = utcnow()
        await self._tx.execute(
            "UPDATE delivery SET state = :state, last_error = :why, next_at = :next_at, "
            "sent_at = :sent_at WHERE notice_id = :id AND address = :address "
            "AND attempts = :attempts AND state = 'unsent'",
            {
                "id": delivery.notice_id,
                "address": delivery.address,
                "attempts": delivery.attempts,
                "state": state,
                "why": why,
                "next_at": next_at or now,
                "sent_at": now if state == "sent" else None,
            },
        )
