"""Dispatch window, claims, leases and attempts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muse_scheduler.models import Attempt
from muse_scheduler.store.kept import KeptTask
from muse_scheduler.store.tasks import COLUMNS
from musecore.db import Transaction
from musecore.messages import Resources
from musecore.times import utcnow

_NEXT = f"""
SELECT {COLUMNS} FROM task
WHERE state = 'READY' AND pool = :pool AND (not_before IS NULL OR not_before <= :now)
ORDER BY priority DESC, critical_s DESC, task_id LIMIT :limit FOR UPDATE SKIP LOCKED
"""  # noqa: S608  fixed column names

_CLAIM = f"""
WITH old AS (
    SELECT task_id AS id, state AS from_state FROM task
    WHERE task_id = :id AND attempt = :attempt AND state IN ('READY', 'QUEUED')
    FOR UPDATE
), claimed AS (
    UPDATE task SET state = 'RUNNING', worker = :worker, lease_until = :lease_until,
        started = :now, ended = NULL, reason = :why
    FROM old WHERE task_id = old.id RETURNING {COLUMNS}, old.from_state
), told AS (
    INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
    SELECT task_id, :now, from_state, 'RUNNING', attempt, :worker, :why FROM claimed
), tried AS (
    INSERT INTO attempt (task_id, attempt, worker, started, detail, telling_lines)
    SELECT task_id, attempt, :worker, :now, '', '[]' FROM claimed
)
SELECT {COLUMNS} FROM claimed
"""  # noqa: S608  fixed column names

_ATTEMPT = ", ".join(Attempt.model_fields)

_END = """
UPDATE attempt SET ended = :ended, outcome = :outcome, detail = :detail,
    telling_lines = CAST(:telling_lines AS jsonb), exit_code = :exit_code,
    signal = :signal, log_file_id = :log_file_id, wall_s = :wall_s, cpu_s = :cpu_s,
    max_rss_mb = :max_rss_mb, bytes_in = :bytes_in, bytes_out = :bytes_out
WHERE task_id = :task_id AND attempt = :attempt AND ended IS NULL
"""


class WorkStore:
    """What runs, what may run, and what came of it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    # -- window
    async def pools(self) -> list[str]:
        """Give the pools that have something to hand out now."""
        found = await self._tx.execute(
            "SELECT DISTINCT pool FROM task WHERE state = 'READY' "
            "AND (not_before IS NULL OR not_before <= :now) ORDER BY pool",
            {"now": utcnow()},
        )
        return [row[0] for row in found]

    async def take_turns(self) -> None:
        """Let changes of the graph follow each other, until this transaction ends.

        Two results that share children would lock them in different orders.
        """
        await self._tx.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtext('task graph'), hashtext(current_schema()))"
        )

    async def in_flight(self, pool: str) -> int:
        """Count queued and running tasks of a pool."""
        found = await self._tx.execute(
            "SELECT count(*) FROM task WHERE pool = :pool "
            "AND state IN ('QUEUED', 'RUNNING')",
            {"pool": pool},
        )
        return int(found.scalar_one())

    async def next_ready(self, pool: str, limit: int) -> list[KeptTask]:
        """Give the most urgent tasks that may be handed out, locked."""
        found = await self._tx.execute(
            _NEXT, {"pool": pool, "limit": limit, "now": utcnow()}
        )
        return [KeptTask.model_validate(dict(row)) for row in found.mappings()]

    async def stuck(self, before: datetime) -> list[KeptTask]:
        """Give tasks that have stood in a queue since before a time, locked."""
        found = await self._tx.execute(
            f"SELECT {COLUMNS} FROM task WHERE state = 'QUEUED' "  # noqa: S608
            "AND queued_at < :before ORDER BY task_id LIMIT 100 FOR UPDATE SKIP LOCKED",
            {"before": before},
        )
        return [KeptTask.model_validate(dict(row)) for row in found.mappings()]

    async def touch_queued(self, task_ids: Collection[UUID]) -> None:
        """Note that these tasks were announced again."""
        await self._tx.execute(
            "UPDATE task SET queued_at = :now WHERE task_id = ANY(:ids)",
            {"ids": list(task_ids), "now": utcnow()},
        )

    # -- claims and leases
    async def claim(
        self, task_id: UUID, attempt: int, worker: str, lease: timedelta
    ) -> KeptTask | None:
        """Give an attempt to a worker, if it can still be had."""
        now = utcnow()
        found = await self._tx.execute(
            _CLAIM,
            {
                "id": task_id,
                "attempt": attempt,
                "worker": worker,
                "lease_until": now + lease,
                "now": now,
                "why": f"claimed by {worker}",
            },
        )
        row = found.mappings().first()
        return None if row is None else KeptTask.model_validate(dict(row))

    async def renew(
        self, task_id: UUID, attempt: int, worker: str, lease: timedelta
    ) -> bool:
        """Lengthen a lease; False when the worker does not hold it any more."""
        done = await self._tx.execute(
            "UPDATE task SET lease_until = :until WHERE task_id = :id "
            "AND attempt = :attempt AND worker = :worker AND state = 'RUNNING'",
            {
                "id": task_id,
                "attempt": attempt,
                "worker": worker,
                "until": utcnow() + lease,
            },
        )
        return bool(done.rowcount == 1)

    async def expired(self) -> list[KeptTask]:
        """Give running tasks whose lease is over, locked."""
        found = await self._tx.execute(
            f"SELECT {COLUMNS} FROM task WHERE state = 'RUNNING' "  # noqa: S608
            "AND lease_until < :now ORDER BY task_id LIMIT 100 FOR UPDATE SKIP LOCKED",
            {"now": utcnow()},
        )
        return [KeptTask.model_validate(dict(row)) for row in found.mappings()]

    async def running_of(self, workers: Collection[str]) -> list[KeptTask]:
        """Give the running tasks of these workers, locked."""
        found = await self._tx.execute(
            f"SELECT {COLUMNS} FROM task WHERE state = 'RUNNING' "  # noqa: S608
            "AND worker = ANY(:workers) ORDER BY task_id FOR UPDATE",
            {"workers": list(workers)},
        )
        return [KeptTask.model_validate(dict(row)) for row in found.mappings()]

    # -- attempts
    async def set_pid(self, task_id: UUID, attempt: int, pid: int) -> None:
        """Note the process that runs an attempt."""
        await self._tx.execute(
            "UPDATE attempt SET pid = :pid WHERE task_id = :id AND attempt = :attempt "
            "AND ended IS NULL",
            {"id": task_id, "attempt": attempt, "pid": pid},
        )

    async def end_attempt(
        self,
        task_id: UUID,
        attempt: int,
        outcome: str,
        detail: str,
        *,
        ended: datetime | None = None,
        resources: Resources | None = None,
        **more: Any,
    ) -> None:
        """Close an attempt that is open; a closed one never changes."""
        used: Mapping[str, Any] = {} if resources is None else resources.model_dump()
        names = ("wall_s", "cpu_s", "max_rss_mb", "bytes_in", "bytes_out")
        rest = ("exit_code", "signal", "log_file_id")
        await self._tx.execute(
            _END,
            {
                "task_id": task_id,
                "attempt": attempt,
                "outcome": outcome,
                "detail": detail,
                "ended": ended or utcnow(),
                "telling_lines": json.dumps(list(more.get("telling_lines", ()))),
            }
            | {name: used.get(name) for name in names}
            | {name: more.get(name) for name in rest},
        )

    async def outcomes(self, task_id: UUID, since: int) -> dict[str, int]:
        """Count how the attempts from number `since` on have ended."""
        found = await self._tx.execute(
            "SELECT outcome, count(*) FROM attempt WHERE task_id = :id "
            "AND attempt >= :since AND outcome IS NOT NULL GROUP BY outcome",
            {"id": task_id, "since": since},
        )
        return {row[0]: row[1] for row in found}

    async def attempts(self, task_id: UUID) -> list[Attempt]:
        """Give the attempts of a task, in order."""
        found = await self._tx.execute(
            f"SELECT {_ATTEMPT} FROM attempt WHERE task_id = :id "  # noqa: S608
            "ORDER BY attempt",
            {"id": task_id},
        )
        return [Attempt.model_validate(dict(row)) for row in found.mappings()]
