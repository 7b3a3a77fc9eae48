"""Tasks, their dependencies and the history of their states."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from muse_scheduler.models import TaskEvent, TaskState
from muse_scheduler.store.kept import KeptTask, Parent
from musecore.db import Transaction
from musecore.times import utcnow

COLUMNS = ", ".join(KeptTask.model_fields)

_NEW = (
    *("task_id", "key", "project", "owner", "recipe", "ifu", "group_label", "state"),
    *("n_wait", "attempt", "budget_from", "pool", "priority", "critical_s", "threads"),
    *("memory_mb", "timeout_s", "est_s", "planned", "unit_id", "outputs", "caveats"),
    *("versions", "reason", "created"),
)
_FIRST: Mapping[str, Any] = {
    "state": "PLANNED",
    "n_wait": 0,
    "attempt": 1,
    "budget_from": 1,
    "planned": None,
    "unit_id": None,
}
_BIRTH = ("task_id", "at", "from_state", "to_state", "attempt", "who", "why")

_MOVE = """
WITH old AS (
    SELECT task_id, state FROM task WHERE task_id = ANY(:ids)
    ORDER BY task_id FOR UPDATE
), changed AS (
    UPDATE task t SET state = :state, reason = :why {more}
    FROM old WHERE t.task_id = old.task_id
    RETURNING t.task_id, old.state AS from_state, t.attempt
)
INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
SELECT task_id, :now, from_state, :state, attempt, :who, :why FROM changed
"""

_COUNT = """
UPDATE task t SET n_wait = (
    SELECT count(*) FROM dep d JOIN task p ON p.task_id = d.parent
    WHERE d.child = t.task_id AND p.state <> 'DONE')
WHERE t.task_id = ANY(:ids) RETURNING t.task_id, t.n_wait
"""

_RELEASE = """
WITH off AS (
    SELECT child, count(*) AS n FROM dep WHERE parent = ANY(:parents) GROUP BY child
), fewer AS (
    UPDATE task t SET n_wait = t.n_wait - LEAST(t.n_wait, off.n)
    FROM off WHERE t.task_id = off.child AND t.n_wait > 0
        AND t.state IN ('PLANNED', 'WAITING', 'BLOCKED')
    RETURNING {returned}
)
SELECT {columns} FROM fewer WHERE n_wait = 0 AND state = 'WAITING' ORDER BY task_id
"""

_READY = """
WITH old AS (
    SELECT task_id, state FROM task WHERE task_id = ANY(:ids)
    ORDER BY task_id FOR UPDATE
), changed AS (
    UPDATE task t SET state = 'READY', reason = :why, ended = NULL, ready_at = :now,
        realised_key = r.key, cost_class = r.kind, memory_mb = r.mb, pool = r.pool
    FROM old JOIN unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]),
        CAST(:kinds AS text[]), CAST(:mbs AS integer[]), CAST(:pools AS text[]))
        AS r(id, key, kind, mb, pool) ON r.id = old.task_id
    WHERE t.task_id = old.task_id
    RETURNING t.task_id, old.state AS from_state, t.attempt
)
INSERT INTO task_event (task_id, at, from_state, to_state, attempt, who, why)
SELECT task_id, :now, from_state, 'READY', attempt, :who, :why FROM changed
"""

_DESCENDANTS = """
WITH RECURSIVE below AS (
    SELECT child FROM dep WHERE parent = ANY(:ids)
    UNION SELECT d.child FROM dep d JOIN below b ON d.parent = b.child
)
SELECT t.task_id FROM task t JOIN below ON t.task_id = below.child
WHERE t.state = ANY(:states) ORDER BY t.task_id
"""

_STILL_BLOCKED = """
WITH RECURSIVE below AS (
    SELECT d.child FROM dep d JOIN task p ON p.task_id = d.parent
    WHERE p.state = 'FAILED'
    UNION SELECT d.child FROM dep d JOIN below b ON d.parent = b.child
)
SELECT task_id FROM task WHERE task_id = ANY(:ids)
    AND task_id IN (SELECT child FROM below)
"""

_UNWANTED = """
SELECT t.task_id FROM job_task w JOIN task t USING (task_id)
WHERE w.job_id = :job_id
    AND t.state IN ('PLANNED', 'WAITING', 'READY', 'QUEUED', 'RUNNING', 'BLOCKED')
    AND NOT EXISTS (SELECT 1 FROM job_task o JOIN job j USING (job_id)
        WHERE o.task_id = t.task_id AND o.active AND j.cancelled_at IS NULL)
ORDER BY t.task_id
"""

_SIBLINGS = """
SELECT {columns} FROM task
WHERE group_label = :group_label AND recipe = :recipe AND ifu IS NOT DISTINCT FROM :ifu
    AND project = :project AND task_id <> :task_id ORDER BY created, task_id
"""


class Readiness(NamedTuple):
    """What is found out of a task when its inputs are there."""

    task_id: UUID
    realised_key: str
    cost_class: str
    memory_mb: int
    pool: str


class TaskStore:
    """Rows of ``task``, ``dep`` and ``task_event``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, rows: Sequence[Mapping[str, Any]], who: str) -> list[UUID]:
        """Insert tasks whose keys are new to their projects; give their ids.

        Parameters
        ----------
        rows
            Columns of ``task``; ``state`` is PLANNED and ``n_wait`` 0 where they say
            nothing else.
        """
        now = utcnow()
        versions = {id(row["versions"]): row["versions"] for row in rows}
        texts = {one: json.dumps(known) for one, known in versions.items()}
        tasks = [_new(row, now, texts[id(row["versions"])]) for row in rows]
        events = [
            (task[0], now, None, task[_STATE], 1, who, row["reason"])
            for row, task in zip(rows, tasks, strict=True)
        ]
        if tasks:
            await self._tx.copy("task", _NEW, tasks)
            await self._tx.copy("task_event", _BIRTH, events)
        return [task[0] for task in tasks]

    async def add_new_deps(self, pairs: Collection[tuple[UUID, UUID]]) -> None:
        """Let tasks that were just inserted wait for parents: (parent, child)."""
        if pairs:
            await self._tx.copy("dep", ("parent", "child"), pairs)

    async def add_deps(self, pairs: Collection[tuple[UUID, UUID]]) -> None:
        """Let children wait for parents: (parent, child); known pairs stay."""
        if pairs:
            await self._tx.execute(
                "INSERT INTO dep (parent, child) SELECT * FROM "
                "unnest(CAST(:parents AS uuid[]), CAST(:children AS uuid[])) "
                "ON CONFLICT DO NOTHING",
                {
                    "parents": [parent for parent, _ in pairs],
                    "children": [child for _, child in pairs],
                },
            )

    async def add_outputs(self, task_id: UUID, tags: Sequence[str]) -> None:
        """Let a task of an earlier job also give the products of `tags`."""
        await self._tx.execute(
            "UPDATE task SET outputs = (SELECT array_agg(DISTINCT tag) "
            "FROM unnest(outputs || CAST(:tags AS text[])) AS tag) "
            "WHERE task_id = :id AND NOT outputs @> CAST(:tags AS text[])",
            {"id": task_id, "tags": list(tags)},
        )

    async def by_keys(
        self, keys: Collection[str], projects: Collection[str] | None
    ) -> list[KeptTask]:
        """Give the tasks with these keys in visible projects."""
        return await self._select(
            "key = ANY(:keys) AND "
            "(CAST(:projects AS text[]) IS NULL OR project = ANY(:projects))",
            {
                "keys": list(keys),
                "projects": None if projects is None else sorted(projects),
            },
        )

    async def by_ids(
        self, task_ids: Collection[UUID], *, lock: bool = False
    ) -> dict[UUID, KeptTask]:
        """Give tasks by id, locked for this transaction if asked."""
        tail = "ORDER BY task_id" + (" FOR UPDATE" if lock else "")
        tasks = await self._select("task_id = ANY(:ids)", {"ids": list(task_ids)}, tail)
        return {task.task_id: task for task in tasks}

    async def task(self, task_id: UUID, *, lock: bool = False) -> KeptTask | None:
        """Give one task, locked for this transaction if asked."""
        return (await self.by_ids([task_id], lock=lock)).get(task_id)

    async def of_job(self, job_id: UUID) -> list[KeptTask]:
        """Give the tasks that a job wants."""
        return await self._select(
            "task_id IN (SELECT task_id FROM job_task WHERE job_id = :id AND active)",
            {"id": job_id},
            "ORDER BY task_id",
        )

    async def siblings(self, task: KeptTask) -> list[KeptTask]:
        """Give the other versions of a task: same recipe, IFU and group."""
        found = await self._tx.execute(
            _SIBLINGS.format(columns=COLUMNS),
            {
                "recipe": task.recipe,
                "ifu": task.ifu,
                "group_label": task.group_label,
                "project": task.project,
                "task_id": task.task_id,
            },
        )
        return [_task(row) for row in found.mappings()]

    async def _select(
        self, where: str, values: Mapping[str, Any], tail: str = ""
    ) -> list[KeptTask]:
        found = await self._tx.execute(
            f"SELECT {COLUMNS} FROM task WHERE {where} {tail}",  # noqa: S608  fixed text
            values,
        )
        return [_task(row) for row in found.mappings()]

    async def parents(self, children: Collection[UUID]) -> list[Parent]:
        """Give every edge above these tasks."""
        found = await self._tx.execute(
            "SELECT d.child, d.parent, p.key, COALESCE(p.made_by, p.task_id) AS source "
            "FROM dep d JOIN task p ON p.task_id = d.parent WHERE d.child = ANY(:ids)",
            {"ids": list(children)},
        )
        return [Parent.model_validate(dict(row)) for row in found.mappings()]

    async def ancestors(self, task_id: UUID) -> list[KeptTask]:
        """Give everything above a task."""
        return await self._select(
            "task_id IN (WITH RECURSIVE above AS ("
            "SELECT parent FROM dep WHERE child = :id UNION "
            "SELECT d.parent FROM dep d JOIN above a ON d.child = a.parent) "
            "SELECT parent FROM above)",
            {"id": task_id},
            "ORDER BY created, task_id",
        )

    # -- states
    async def move(
        self,
        task_ids: Collection[UUID],
        state: TaskState,
        *,
        who: str,
        why: str,
        **also: Any,
    ) -> None:
        """Change the state of tasks and write it down, in one statement.

        Parameters
        ----------
        also
            Columns to set at the same time: ``attempt=2``, ``worker=None``.

        Raises
        ------
        sqlalchemy.exc.DBAPIError
            The state machine does not allow the change (trigger).
        """
        if not task_ids:
            return
        more = "".join(f", {column} = :also_{column}" for column in also)
        await self._tx.execute(
            _MOVE.format(more=more),
            {
                "ids": list(task_ids),
                "state": state.value,
                "who": who,
                "why": why,
                "now": utcnow(),
            }
            | {f"also_{column}": value for column, value in also.items()},
        )

    async def renew(self, task_ids: Collection[UUID]) -> None:
        """Give tasks a new attempt and the whole budget again."""
        await self._tx.execute(
            "UPDATE task SET attempt = attempt + 1, budget_from = attempt + 1, "
            "not_before = NULL, made_by = NULL, worker = NULL, lease_until = NULL, "
            "ended = NULL WHERE task_id = ANY(:ids)",
            {"ids": list(task_ids)},
        )

    async def set_realised(self, keys: Mapping[UUID, str]) -> None:
        """Note the realised keys of tasks."""
        if not keys:
            return
        await self._tx.execute(
            "UPDATE task t SET realised_key = r.key FROM unnest("
            "CAST(:ids AS uuid[]), CAST(:keys AS text[])) AS r(id, key) "
            "WHERE t.task_id = r.id",
            {"ids": list(keys), "keys": list(keys.values())},
        )

    async def make_ready(self, rows: Sequence[Readiness], who: str, why: str) -> None:
        """Let tasks be READY, with what they ask for; one statement, as `move`."""
        if not rows:
            return
        ids, keys, kinds, mbs, pools = map(list, zip(*rows, strict=True))
        await self._tx.execute(
            _READY,
            {
                "ids": ids,
                "keys": keys,
                "kinds": kinds,
                "mbs": mbs,
                "pools": pools,
                "who": who,
                "why": why,
                "now": utcnow(),
            },
        )

    async def count_waits(self, task_ids: Collection[UUID]) -> dict[UUID, int]:
        """Count anew for how many parents each task waits; give the counts."""
        found = await self._tx.execute(_COUNT, {"ids": list(task_ids)})
        return {row[0]: row[1] for row in found}

    async def release_children(self, parents: Collection[UUID]) -> list[KeptTask]:
        """Count finished parents off; give the children that wait for nothing now.

        Their rows are locked.
        """
        returned = ", ".join(f"t.{name}" for name in KeptTask.model_fields)
        found = await self._tx.execute(
            _RELEASE.format(columns=COLUMNS, returned=returned),
            {"parents": list(parents)},
        )
        return [_task(row) for row in found.mappings()]

    async def hold_children(self, parent: UUID) -> None:
        """Let unfinished children wait for a parent that is made again."""
        await self._tx.execute(
            "UPDATE task SET n_wait = n_wait + 1 WHERE state IN "
            "('PLANNED', 'WAITING', 'BLOCKED') AND task_id IN "
            "(SELECT child FROM dep WHERE parent = :parent)",
            {"parent": parent},
        )

    async def descendants(
        self, task_ids: Collection[UUID], states: Collection[TaskState]
    ) -> list[UUID]:
        """Give everything below these tasks that is in one of `states`."""
        found = await self._tx.execute(
            _DESCENDANTS,
            {"ids": list(task_ids), "states": [state.value for state in states]},
        )
        return [row[0] for row in found]

    async def still_blocked(self, task_ids: Collection[UUID]) -> set[UUID]:
        """Give those of these tasks that have a FAILED ancestor."""
        found = await self._tx.execute(_STILL_BLOCKED, {"ids": list(task_ids)})
        return {row[0] for row in found}

    async def unwanted(self, job_id: UUID) -> list[UUID]:
        """Give unfinished tasks of a job that no live job wants any more."""
        found = await self._tx.execute(_UNWANTED, {"job_id": job_id})
        return [row[0] for row in found]

    async def events(self, task_id: UUID) -> list[TaskEvent]:
        """Give the history of a task, oldest first."""
        found = await self._tx.execute(
            "SELECT task_id, at, from_state, to_state, attempt, who, why "
            "FROM task_event WHERE task_id = :id ORDER BY id",
            {"id": task_id},
        )
        return [TaskEvent.model_validate(dict(row)) for row in found.mappings()]


_STATE = _NEW.index("state")


_IN_ORDER = itemgetter(*_NEW)


def _new(row: Mapping[str, Any], now: datetime, versions: str) -> tuple[Any, ...]:
    """Write a row for COPY."""
    values = {**_FIRST, **row, "versions": versions, "created": now}
    planned = values["planned"]
    if planned is not None:
        values["planned"] = planned.model_dump_json()
    written: tuple[Any, ...] = _IN_ORDER(values)
    return written


def _task(row: Mapping[str, Any]) -> KeptTask:
    return KeptTask.model_validate(dict(row))
