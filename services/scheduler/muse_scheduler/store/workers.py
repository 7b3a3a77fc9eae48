"""Workers: who is there, what they may do, and which sites and pools are paused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from muse_scheduler.models import Announcement, Gate, WorkerEvent, WorkerState
from muse_scheduler.models.frames import Model
from musecore.db import Transaction
from musecore.times import utcnow


class KeptWorker(Model):
    """A row of ``worker``; ``orders`` is its state but for being GONE."""

    name: str
    site: str
    pools: tuple[str, ...]
    cores: int | None
    memory_mb: int | None
    own_queue: bool
    state: WorkerState
    orders: WorkerState
    reason: str
    since: datetime
    seen_at: datetime
    trusted_since: datetime


_COLUMNS = ", ".join(KeptWorker.model_fields)

_GATE = ", ".join(Gate.model_fields)

_ALL = f"""
SELECT COALESCE(jsonb_agg(w ORDER BY w.name), '[]') AS workers,
    (SELECT COALESCE(jsonb_agg(g), '[]') FROM (SELECT {_GATE} FROM gate) g) AS gates
FROM (SELECT {_COLUMNS} FROM worker) w
"""  # noqa: S608  fixed column names

_ANNOUNCE = """
INSERT INTO worker (name, site, pools, cores, memory_mb, own_queue, state, orders,
    reason, since, seen_at, trusted_since, running)
VALUES (:name, :site, :pools, :cores, :memory_mb, :own_queue, 'ACTIVE', 'ACTIVE', '',
    :now, :now, :now, :running)
ON CONFLICT (name) DO UPDATE SET site = excluded.site, pools = excluded.pools,
    cores = excluded.cores, memory_mb = excluded.memory_mb,
    own_queue = excluded.own_queue, seen_at = excluded.seen_at,
    running = excluded.running
"""

_SEEN = """
INSERT INTO worker (name, site, pools, cores, memory_mb, own_queue, state, orders,
    reason, since, seen_at, trusted_since, running)
SELECT n, 'local', '{}', NULL, NULL, false, 'ACTIVE', 'ACTIVE', '', :now, :now, :now, 0
FROM unnest(CAST(:names AS text[])) AS n ORDER BY n
ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
    WHERE worker.seen_at < :stale
"""

_MOVE = """
WITH old AS (
    SELECT name AS id, state AS from_state FROM worker WHERE name = ANY(:names)
        AND (state <> :state OR orders <> COALESCE(:orders, orders)) ORDER BY name
    FOR UPDATE
), changed AS (
    UPDATE worker SET state = :state, orders = COALESCE(:orders, orders),
        reason = :why, since = :now,
        trusted_since = CASE WHEN :state = 'ACTIVE' THEN :now ELSE trusted_since END
    FROM old WHERE name = old.id RETURNING name, old.from_state
)
INSERT INTO worker_event (name, at, from_state, to_state, who, why)
SELECT name, :now, from_state, :state, :who, :why FROM changed
"""

_STREAK = """
SELECT task_id, outcome FROM attempt
WHERE worker = :name AND ended > :since ORDER BY ended DESC, task_id LIMIT 20
"""

_LAST = """
SELECT l.outcome FROM worker w CROSS JOIN LATERAL (
    SELECT outcome FROM attempt WHERE worker = w.name AND ended > :since
    ORDER BY ended DESC LIMIT 1) l
WHERE w.name <> :name AND w.state = 'ACTIVE'
"""


class WorkerRegistry:
    """Rows of ``worker``, ``worker_event`` and ``gate``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def announce(self, name: str, said: Announcement) -> None:
        """Take in what a worker says of itself."""
        values = said.model_dump(exclude={"starting", "stopping", "trouble"}) | {
            "name": name,
            "pools": list(said.pools),
            "now": utcnow(),
        }
        await self._tx.execute(_ANNOUNCE, values)

    async def trust(self, name: str) -> None:
        """Forget the failures of a worker that was started anew."""
        await self._tx.execute(
            "UPDATE worker SET trusted_since = :now WHERE name = :name",
            {"name": name, "now": utcnow()},
        )

    async def seen(self, names: Collection[str], every: timedelta) -> None:
        """Note that workers live, at most once in `every`; unknown ones are added."""
        now = utcnow()
        await self._tx.execute(
            _SEEN, {"names": sorted(set(names)), "now": now, "stale": now - every}
        )

    async def all(self) -> list[KeptWorker]:
        """Give every worker that was ever heard of."""
        found = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM worker ORDER BY name"  # noqa: S608
        )
        return [KeptWorker.model_validate(dict(row)) for row in found.mappings()]

    async def all_and_gates(
        self,
    ) -> tuple[list[KeptWorker], dict[tuple[str, str], Gate]]:
        """Give what `all` and `gates` give, in one query."""
        found = await self._tx.execute(_ALL)
        return _workers_and_gates(found.one())

    async def worker_and_gates(
        self, name: str
    ) -> tuple[KeptWorker | None, dict[tuple[str, str], Gate]]:
        """Give what `worker` and `gates` give, in one query."""
        found = await self._tx.execute(f"{_ALL} WHERE name = :name", {"name": name})
        workers, gates = _workers_and_gates(found.one())
        return (workers[0] if workers else None), gates

    async def worker(self, name: str) -> KeptWorker | None:
        """Give one worker."""
        found = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM worker WHERE name = :name",  # noqa: S608
            {"name": name},
        )
        row = found.mappings().first()
        return None if row is None else KeptWorker.model_validate(dict(row))

    async def move(
        self,
        names: Collection[str],
        state: WorkerState,
        *,
        orders: WorkerState | None,
        who: str,
        why: str,
    ) -> None:
        """Change the state of workers and write it down; no change, no event."""
        await self._tx.execute(
            _MOVE,
            {
                "names": list(names),
                "state": state.value,
                "orders": None if orders is None else orders.value,
                "who": who,
                "why": why,
                "now": utcnow(),
            },
        )

    async def silent(self, before: datetime) -> list[str]:
        """Give workers that were not heard of since, and are not GONE yet."""
        found = await self._tx.execute(
            "SELECT name FROM worker WHERE state <> 'GONE' AND seen_at < :before "
            "ORDER BY name FOR UPDATE SKIP LOCKED",
            {"before": before},
        )
        return [row[0] for row in found]

    async def running(self) -> dict[str, list[UUID]]:
        """Give the tasks that each worker runs."""
        found = await self._tx.execute(
            "SELECT worker, task_id FROM task WHERE state = 'RUNNING' "
            "AND worker IS NOT NULL ORDER BY started, task_id"
        )
        running: dict[str, list[UUID]] = {}
        for worker, task_id in found:
            running.setdefault(worker, []).append(task_id)
        return running

    async def occupied(self) -> dict[str, int]:
        """Count what each worker runs or was offered first."""
        found = await self._tx.execute(
            "SELECT name, count(*) FROM (SELECT CASE WHEN state = 'RUNNING' "
            "THEN worker ELSE preferred END AS name FROM task "
            "WHERE state IN ('QUEUED', 'RUNNING')) t WHERE name IS NOT NULL GROUP BY name"
        )
        return {row[0]: row[1] for row in found}

    async def events(self, name: str) -> list[WorkerEvent]:
        """Give the history of a worker, oldest first."""
        found = await self._tx.execute(
            "SELECT name, at, from_state, to_state, who, why FROM worker_event "
            "WHERE name = :name ORDER BY id",
            {"name": name},
        )
        return [WorkerEvent.model_validate(dict(row)) for row in found.mappings()]

    # -- failures
    async def streak(self, name: str, since: datetime, kinds: Collection[str]) -> int:
        """Count the different tasks that a worker failed since its last good one."""
        found = await self._tx.execute(_STREAK, {"name": name, "since": since})
        failed: set[UUID] = set()
        for task_id, outcome in found:
            if outcome == "finished":
                break
            if outcome in kinds:
                failed.add(task_id)
        return len(failed)

    async def others_fail(
        self, name: str, since: datetime, kinds: Collection[str]
    ) -> bool:
        """Whether another active worker failed its newest task in the same way."""
        found = await self._tx.execute(_LAST, {"name": name, "since": since})
        return any(row[0] in kinds for row in found)

    # -- gates
    async def close(self, kind: str, name: str, who: str, reason: str) -> None:
        """Pause a site or a pool."""
        await self._tx.execute(
            "INSERT INTO gate (kind, name, reason, who, since) VALUES "
            "(:kind, :name, :reason, :who, :now) ON CONFLICT (kind, name) DO UPDATE SET "
            "reason = :reason, who = :who",
            {"kind": kind, "name": name, "reason": reason, "who": who, "now": utcnow()},
        )

    async def open(self, kind: str, name: str) -> None:
        """Let a site or a pool go on."""
        await self._tx.execute(
            "DELETE FROM gate WHERE kind = :kind AND name = :name",
            {"kind": kind, "name": name},
        )

    async def gates(self) -> dict[tuple[str, str], Gate]:
        """Give what is paused, by (kind, name)."""
        found = await self._tx.execute(f"SELECT {_GATE} FROM gate")  # noqa: S608
        return _gates(found.mappings())


def _gates(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Gate]:
    gates = (Gate.model_validate(dict(row)) for row in rows)
    return {(gate.kind, gate.name): gate for gate in gates}


def _workers_and_gates(
    row: Sequence[Any],
) -> tuple[list[KeptWorker], dict[tuple[str, str], Gate]]:
    workers, gates = row
    return [KeptWorker.model_validate(one) for one in workers], _gates(gates)
