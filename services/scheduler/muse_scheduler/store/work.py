"""Claims, leases and attempts: for many tasks in one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muse_scheduler.models import Attempt, TaskState
from muse_scheduler.models.frames import Model
from muse_scheduler.store.kept import KeptTask
from muse_scheduler.store.tasks import COLUMNS
from musecore.db import Transaction
from musecore.messages import Resources
from musecore.times import utcnow


class Standing(Model):
    """Where a task stands: enough to judge an answer, without the plan inside."""

    task_id: UUID
    state: TaskState
    attempt: int
    recipe: str
    ifu: int | None
    group_label: str
    caveats: tuple[str, ...]
    partial: bool  # a live job may do without failed IFUs

    @property
    def spoken(self) -> str:
        """Name for people: ``muse_flat of IFU 3 (2026-03-01T21:00:00)``."""
        ifu = "" if self.ifu is None else f" of IFU {self.ifu}"
        return f"{self.recipe}{ifu} ({self.group_label})"


_TURN = (
    "pg_advisory_xact_lock(hashtext('task graph'), hashtext(current_schema())) AS turn"
)

_HEARD = f"""
WITH mine AS MATERIALIZED (SELECT {_TURN})
INSERT INTO inbox (message_id, consumer)
SELECT id, '' FROM mine CROSS JOIN unnest(CAST(:ids AS uuid[])) AS id
ON CONFLICT DO NOTHING RETURNING message_id
"""  # noqa: S608  fixed text

_STANDING = ", ".join(name for name in Standing.model_fields if name != "partial")

_CLAIM = f"""
WITH asked AS (
    SELECT DISTINCT ON (r.id) r.id, r.n FROM
        unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])) AS r(id, n)
), old AS (
    SELECT t.task_id AS id, t.state AS from_state FROM task t JOIN asked a
        ON a.id = t.task_id AND a.n = t.attempt
    WHERE t.state IN ('READY', 'QUEUED') AND t.pool <> ALL(:closed)
    ORDER BY t.task_id FOR UPDATE OF t
), claimed AS (
    UPDATE task SET state = 'RUNNING', worker = :worker, lease_until = :lease_until,
        started = :now, ended = NULL, reason = :why, preferred = NULL
    FROM old WHERE task_id = old.id
    RETURNING {COLUMNS}, cost_class, old.from_state
), told AS (
    INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
    SELECT task_id, :now, from_state, 'RUNNING', attempt, :worker, :why FROM claimed
), tried AS (
    INSERT INTO attempt (task_id, attempt, worker, started, detail, telling_lines,
        cost_class)
    SELECT task_id, attempt, :worker, :now, '', '[]', cost_class FROM claimed
)
SELECT {COLUMNS} FROM claimed
"""  # noqa: S608  fixed column names

_RENEW = """
WITH asked AS (
    SELECT r.id, r.n, r.worker FROM unnest(CAST(:ids AS uuid[]),
        CAST(:attempts AS integer[]), CAST(:workers AS text[])) AS r(id, n, worker)
), mine AS (
    SELECT t.task_id FROM task t JOIN asked a
        ON a.id = t.task_id AND a.n = t.attempt AND a.worker = t.worker
    WHERE t.state = 'RUNNING' ORDER BY t.task_id FOR UPDATE OF t
)
UPDATE task t SET lease_until = :until FROM mine WHERE t.task_id = mine.task_id
RETURNING t.task_id, t.attempt
"""

_BACK = """
WITH old AS (
    SELECT t.task_id AS id FROM task t JOIN unnest(CAST(:ids AS uuid[]),
        CAST(:attempts AS integer[])) AS a(id, n) ON a.id = t.task_id
    WHERE a.n = t.attempt AND t.state = 'QUEUED' ORDER BY t.task_id FOR UPDATE OF t
), changed AS (
    UPDATE task SET state = 'READY', preferred = NULL, not_before = :not_before,
        reason = :why FROM old WHERE task_id = old.id RETURNING task_id, attempt
)
INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
SELECT task_id, :now, 'QUEUED', 'READY', attempt, :who, :why FROM changed
"""

_ATTEMPT = ", ".join(Attempt.model_fields)

_END = """
UPDATE attempt a SET ended = r.ended, outcome = r.outcome, detail = r.detail,
    telling_lines = r.telling_lines, exit_code = r.exit_code, signal = r.signal,
    log_file_id = r.log_file_id, wall_s = r.wall_s, cpu_s = r.cpu_s,
    max_rss_mb = r.max_rss_mb, bytes_in = r.bytes_in, bytes_out = r.bytes_out
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(task_id uuid, attempt integer,
    ended timestamptz, outcome text, detail text, telling_lines jsonb,
    exit_code integer, signal integer, log_file_id uuid, wall_s double precision,
    cpu_s double precision, max_rss_mb double precision, bytes_in bigint,
    bytes_out bigint)
WHERE a.task_id = r.task_id AND a.attempt = r.attempt AND a.ended IS NULL
"""

_FINISH = """
WITH answers AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(task_id uuid,
        worker text, why text, started timestamptz, ended timestamptz, caveats text[])
), old AS (
    SELECT task_id AS id, state AS from_state FROM task WHERE task_id = ANY(:ids)
    ORDER BY task_id FOR UPDATE
), changed AS (
    UPDATE task t SET state = 'DONE', reason = r.why, worker = r.worker,
        lease_until = NULL, started = r.started, ended = r.ended, made_by = NULL,
        caveats = r.caveats, preferred = NULL
    FROM answers r JOIN old ON old.id = r.task_id WHERE t.task_id = r.task_id
    RETURNING t.task_id, old.from_state, t.attempt, t.worker, t.reason, t.project,
        t.realised_key
), told AS (
    INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
    SELECT task_id, :now, from_state, 'DONE', attempt, worker, reason FROM changed
)
INSERT INTO cache (project, realised_key, task_id)
SELECT DISTINCT ON (project, realised_key) project, realised_key, task_id FROM changed
WHERE realised_key IS NOT NULL ORDER BY project, realised_key, task_id
ON CONFLICT (project, realised_key) DO UPDATE SET task_id = excluded.task_id
"""


class WorkStore:
    """What runs, who runs it, and what came of it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def take_turns(self) -> None:
        """Let changes of the graph follow each other, until this transaction ends.

        Two results that share children would lock them in different orders.
        """
        await self._tx.execute(f"SELECT {_TURN}")

    async def heard_in_turn(self, message_ids: Collection[UUID]) -> set[UUID]:
        """Take a turn and note messages as heard; give those not heard before."""
        found = await self._tx.execute(
            _HEARD, {"ids": sorted(set(message_ids), key=str)}
        )
        return {row[0] for row in found}

    async def forward(self, bodies: Mapping[UUID, tuple[str, str]]) -> None:
        """Put messages into the outbox that came by another door.

        Parameters
        ----------
        bodies
            Message id -> routing key and envelope as JSON; each is sent once.
        """
        await self._tx.execute(
            "INSERT INTO outbox (message_id, routing_key, body, headers) "
            "SELECT r.id, r.key, convert_to(r.body, 'UTF8'), '{}' FROM "
            "unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), "
            "CAST(:bodies AS text[])) AS r(id, key, body) ON CONFLICT DO NOTHING",
            {
                "ids": list(bodies),
                "keys": [key for key, _ in bodies.values()],
                "bodies": [body for _, body in bodies.values()],
            },
        )
        await self._tx.notify("outbox")

    # -- claims and leases
    async def claim(
        self,
        wanted: Sequence[tuple[UUID, int]],
        worker: str,
        lease: timedelta,
        closed: Collection[str] = (),
    ) -> list[KeptTask]:
        """Give attempts to a worker: those of (task, attempt) that can still be had.

        Nothing of the pools in `closed` can.
        """
        now = utcnow()
        found = await self._tx.execute(
            _CLAIM,
            {
                "ids": [task_id for task_id, _ in wanted],
                "attempts": [attempt for _, attempt in wanted],
                "closed": list(closed),
                "worker": worker,
                "lease_until": now + lease,
                "now": now,
                "why": f"claimed by {worker}",
            },
        )
        return [KeptTask.model_validate(dict(row)) for row in found.mappings()]

    async def give_back(
        self, wanted: Sequence[tuple[UUID, int]], not_before: datetime, why: str
    ) -> None:
        """Let queued tasks be handed out again, after a while."""
        await self._tx.execute(
            _BACK,
            {
                "ids": [task_id for task_id, _ in wanted],
                "attempts": [attempt for _, attempt in wanted],
                "not_before": not_before,
                "why": why,
                "who": "scheduler",
                "now": utcnow(),
            },
        )

    async def renew(
        self, held: Sequence[tuple[UUID, int, str]], lease: timedelta
    ) -> set[tuple[UUID, int]]:
        """Lengthen leases of (task, attempt, worker); give those still held."""
        found = await self._tx.execute(
            _RENEW,
            {
                "ids": [task_id for task_id, _, _ in held],
                "attempts": [attempt for _, attempt, _ in held],
                "workers": [worker for _, _, worker in held],
                "until": utcnow() + lease,
            },
        )
        return {(row[0], row[1]) for row in found}

    async def expired(self, limit: int = 200) -> list[KeptTask]:
        """Give running tasks whose lease is over, locked."""
        found = await self._tx.execute(
            f"SELECT {COLUMNS} FROM task WHERE state = 'RUNNING' "  # noqa: S608
            "AND lease_until < :now ORDER BY task_id LIMIT :limit "
            "FOR UPDATE SKIP LOCKED",
            {"now": utcnow(), "limit": limit},
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

    # -- endings
    async def standing(self, task_ids: Collection[UUID]) -> dict[UUID, Standing]:
        """Say where tasks stand, locked."""
        found = await self._tx.execute(
            f"SELECT {_STANDING}, (SELECT EXISTS (SELECT FROM job "  # noqa: S608
            "WHERE at_least IS NOT NULL AND cancelled_at IS NULL)) AS partial "
            "FROM task WHERE task_id = ANY(:ids) "
            "ORDER BY task_id FOR UPDATE",
            {"ids": list(task_ids)},
        )
        rows = (Standing.model_validate(dict(row)) for row in found.mappings())
        return {row.task_id: row for row in rows}

    async def finish(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let tasks be DONE, and remember what they made of which inputs."""
        await self._tx.execute(
            _FINISH,
            {
                "rows": json.dumps(rows, default=str),
                "ids": [row["task_id"] for row in rows],
                "now": utcnow(),
            },
        )

    # -- attempts
    async def set_pids(self, pids: Mapping[tuple[UUID, int], int]) -> None:
        """Note the processes that run attempts."""
        await self._tx.execute(
            "UPDATE attempt a SET pid = r.pid FROM unnest(CAST(:ids AS uuid[]), "
            "CAST(:attempts AS integer[]), CAST(:pids AS integer[])) "
            "AS r(id, attempt, pid) WHERE a.task_id = r.id AND a.attempt = r.attempt "
            "AND a.ended IS NULL",
            {
                "ids": [task_id for task_id, _ in pids],
                "attempts": [attempt for _, attempt in pids],
                "pids": list(pids.values()),
            },
        )

    async def end_attempts(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Close attempts that are open (see `ending`); a closed one never changes."""
        if rows:
            await self._tx.execute(_END, {"rows": json.dumps(rows, default=str)})

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


def ending(
    task_id: UUID,
    attempt: int,
    outcome: str,
    detail: str,
    *,
    ended: datetime | None = None,
    resources: Resources | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Give the row for an attempt that ended, for `WorkStore.end_attempts`."""
    used: Mapping[str, Any] = {} if resources is None else resources.model_dump()
    names = ("wall_s", "cpu_s", "max_rss_mb", "bytes_in", "bytes_out")
    return {
        "task_id": task_id,
        "attempt": attempt,
        "outcome": outcome,
        "detail": detail,
        "ended": ended or utcnow(),
        "telling_lines": list(more.get("telling_lines", ())),
        "exit_code": more.get("exit_code"),
        "signal": more.get("signal"),
        "log_file_id": more.get("log_file_id"),
    } | {name: used.get(name) for name in names}
