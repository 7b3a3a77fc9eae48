"""Plans and jobs: what was asked for, what it became, which tasks it wants."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from muse_scheduler.models import Outline, PlannedGraph
from muse_scheduler.rules import outline_from
from muse_scheduler.store.kept import (
    KeptGraph,
    KeptJob,
    KeptPlan,
    RecipeCost,
    TaskShare,
)
from muse_scheduler.store.units import UnitStore
from musecore.db import Transaction
from musecore.times import utcnow

_JOB = "job_id, owner, project, projects, request, at_least, created, cancelled_at, priority"
_VISIBLE = "(CAST(:projects AS text[]) IS NULL OR project = ANY(:projects))"

_SHARES = """
SELECT t.task_id, t.recipe, t.ifu, t.state, t.est_s, t.critical_s, t.started,
    w.targets, (w.reused OR t.made_by IS NOT NULL) AS reused
FROM job_task w JOIN task t USING (task_id)
WHERE w.job_id = :job_id AND w.active ORDER BY t.task_id
"""

_PARTIAL = """
SELECT j.job_id FROM job j
WHERE j.at_least IS NOT NULL AND j.cancelled_at IS NULL
    AND EXISTS (SELECT 1 FROM job_task w WHERE w.job_id = j.job_id AND w.active
        AND w.task_id = ANY(:tasks))
    AND EXISTS (SELECT 1 FROM job_task w JOIN task t USING (task_id)
        WHERE w.job_id = j.job_id AND w.active AND t.state = 'BLOCKED')
    AND NOT EXISTS (SELECT 1 FROM job_task w JOIN task t USING (task_id)
        WHERE w.job_id = j.job_id AND w.active
        AND t.state IN ('PLANNED', 'WAITING', 'READY', 'QUEUED', 'RUNNING'))
"""

_COSTS = """
SELECT t.recipe, percentile_cont(0.5) WITHIN GROUP (ORDER BY a.wall_s) AS wall_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY a.max_rss_mb) AS max_rss_mb,
    count(*) AS runs
FROM attempt a JOIN task t USING (task_id)
WHERE a.outcome = 'finished' AND a.wall_s IS NOT NULL AND t.recipe = ANY(:recipes)
GROUP BY t.recipe
"""


class JobStore:
    """Rows of ``plan``, ``job``, ``job_graph``, ``job_task``, ``job_message``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    # -- plans
    async def put_plan(self, plan: KeptPlan) -> None:
        """Keep a preview, so that it can be accepted as it was shown."""
        await self._tx.execute(
            "INSERT INTO plan (plan_id, owner, project, request, graph, created) VALUES "
            "(:plan_id, :owner, :project, CAST(:request AS jsonb), "
            "CAST(:graph AS jsonb), :now)",
            {
                "plan_id": plan.plan_id,
                "owner": plan.owner,
                "project": plan.project,
                "request": plan.request.model_dump_json(by_alias=True),
                "graph": plan.outline.model_dump_json(exclude_defaults=True),
                "now": utcnow(),
            },
        )

    async def plan(
        self, plan_id: UUID, projects: Collection[str] | None
    ) -> KeptPlan | None:
        """Give a plan; None when it is unknown or not visible."""
        found = await self._tx.execute(
            "SELECT plan_id, owner, project, request, graph FROM plan "  # noqa: S608
            f"WHERE plan_id = :id AND {_VISIBLE}",
            {"id": plan_id, "projects": _listed(projects)},
        )
        row = found.mappings().first()
        if row is None:
            return None
        values = dict(row)
        graph = values.pop("graph")
        return KeptPlan(**values, outline=_outline(graph))

    # -- jobs
    async def add(self, job: KeptJob, plan_id: UUID | None) -> None:
        """Insert a job."""
        await self._tx.execute(
            "INSERT INTO job (job_id, owner, project, projects, request, plan_id, "
            "at_least, created, priority) VALUES (:job_id, :owner, :project, :projects, "
            "CAST(:request AS jsonb), :plan_id, :at_least, :created, :priority)",
            {
                "job_id": job.job_id,
                "owner": job.owner,
                "project": job.project,
                "projects": _listed(job.projects),
                "request": job.request.model_dump_json(by_alias=True),
                "plan_id": plan_id,
                "at_least": job.at_least,
                "created": job.created,
                "priority": job.priority,
            },
        )

    async def job(
        self, job_id: UUID, projects: Collection[str] | None, *, lock: bool = False
    ) -> KeptJob | None:
        """Give a job; None when it is unknown or not visible."""
        found = await self._tx.execute(
            f"SELECT {_JOB} FROM job WHERE job_id = :id AND {_VISIBLE}"  # noqa: S608
            + (" FOR UPDATE" if lock else ""),
            {"id": job_id, "projects": _listed(projects)},
        )
        row = found.mappings().first()
        return None if row is None else KeptJob.model_validate(dict(row))

    async def known(self, job_ids: Collection[UUID]) -> set[UUID]:
        """Give those of these ids that are jobs."""
        found = await self._tx.execute(
            "SELECT job_id FROM job WHERE job_id = ANY(:ids)", {"ids": list(job_ids)}
        )
        return {row[0] for row in found}

    async def ids_like(
        self, prefix: str, projects: Collection[str] | None
    ) -> list[UUID]:
        """Give the visible jobs whose id begins with `prefix` (at most 10)."""
        found = await self._tx.execute(
            "SELECT job_id FROM job WHERE starts_with(CAST(job_id AS text), :prefix) "  # noqa: S608
            f"AND {_VISIBLE} ORDER BY job_id LIMIT 10",
            {"prefix": prefix, "projects": _listed(projects)},
        )
        return [row[0] for row in found]

    async def recent(
        self,
        projects: Collection[str] | None,
        limit: int,
        *,
        owner: str | None = None,
        since: datetime | None = None,
    ) -> list[KeptJob]:
        """Give the newest visible jobs, newest first; of an owner, made since a time."""
        found = await self._tx.execute(
            f"SELECT {_JOB} FROM job WHERE {_VISIBLE} "  # noqa: S608  fixed text
            "AND (CAST(:owner AS text) IS NULL OR owner = :owner) "
            "AND (CAST(:since AS timestamptz) IS NULL OR created >= :since) "
            "ORDER BY created DESC, job_id DESC LIMIT :limit",
            {
                "limit": limit,
                "projects": _listed(projects),
                "owner": owner,
                "since": since,
            },
        )
        return [KeptJob.model_validate(dict(row)) for row in found.mappings()]

    async def set_cancelled(self, job_id: UUID, cancelled: bool) -> None:
        """Mark a job as cancelled, or as live again."""
        await self._tx.execute(
            "UPDATE job SET cancelled_at = :at WHERE job_id = :id",
            {"id": job_id, "at": utcnow() if cancelled else None},
        )

    async def set_at_least(self, job_id: UUID, k: int) -> None:
        """Let a job be content with `k` IFUs."""
        await self._tx.execute(
            "UPDATE job SET at_least = :k WHERE job_id = :id", {"id": job_id, "k": k}
        )

    async def partial_jobs(self, task_ids: Collection[UUID]) -> list[UUID]:
        """Give jobs that may go on without failed IFUs, and have come to rest.

        Only jobs that want one of `task_ids` are looked at.
        """
        found = await self._tx.execute(_PARTIAL, {"tasks": list(task_ids)})
        return [row[0] for row in found]

    # -- graphs
    async def put_graph(self, job_id: UUID, outline: Outline, reason: str) -> None:
        """Append a version of a job's plan, and keep its units."""
        await UnitStore(self._tx).add(outline.units)
        graph = outline.model_dump(mode="json", exclude={"units", "choices"})
        graph["unit_ids"] = [str(unit.unit_id) for unit in outline.units]
        await self._tx.execute(
            "INSERT INTO job_graph (job_id, n, graph, reason, created) SELECT :id, "
            "COALESCE(max(n), 0) + 1, CAST(:graph AS jsonb), :reason, :now "
            "FROM job_graph WHERE job_id = :id",
            {
                "id": job_id,
                "graph": json.dumps(graph),
                "reason": reason,
                "now": utcnow(),
            },
        )

    async def graph(self, job_id: UUID, *, first: bool = False) -> KeptGraph:
        """Give the newest version of a job's plan, or the first."""
        found = await self._tx.execute(
            "SELECT graph FROM job_graph WHERE job_id = :id "  # noqa: S608
            f"ORDER BY n {'ASC' if first else 'DESC'} LIMIT 1",
            {"id": job_id},
        )
        graph = found.scalar_one()
        if "unit_ids" not in graph:
            units = _outline(graph).units
        else:
            ids = [UUID(text) for text in graph["unit_ids"]]
            units = tuple((await UnitStore(self._tx).units(ids)).values())
        ifus = {ifu for unit in units for ifu in unit.ifus if ifu is not None}
        keys = frozenset(key for unit in units for key in unit.keys)
        return KeptGraph(keys=keys, ifus=tuple(sorted(ifus)))

    # -- wants
    async def set_wants(
        self,
        job_id: UUID,
        wants: Mapping[UUID, Sequence[str]],
        reused: Collection[UUID],
    ) -> None:
        """Let a job want exactly these tasks (task id -> product tags wanted)."""
        before = await self._tx.execute(
            "UPDATE job_task SET active = false WHERE job_id = :id RETURNING task_id",
            {"id": job_id},
        )
        if before.first() is None:
            await self.add_wants(job_id, wants, reused)
            return
        rows = [
            {
                "job": job_id,
                "task": task_id,
                "targets": list(targets),
                "reused": task_id in reused,
            }
            for task_id, targets in wants.items()
        ]
        await self._tx.execute(
            "INSERT INTO job_task (job_id, task_id, targets, reused, active) "
            "VALUES (:job, :task, :targets, :reused, true) "
            "ON CONFLICT (job_id, task_id) DO UPDATE "
            "SET active = true, targets = excluded.targets",
            rows,
        )

    async def add_wants(
        self,
        job_id: UUID,
        wants: Mapping[UUID, Sequence[str]],
        reused: Collection[UUID],
    ) -> None:
        """Let a job want tasks that it did not want before."""
        await self._tx.copy(
            "job_task",
            ("job_id", "task_id", "targets", "reused", "active"),
            [
                (job_id, task_id, list(targets), task_id in reused, True)
                for task_id, targets in wants.items()
            ],
        )

    async def shares(self, job_id: UUID) -> list[TaskShare]:
        """Give the tasks of a job, enough for its progress."""
        found = await self._tx.execute(_SHARES, {"job_id": job_id})
        return [TaskShare.model_validate(dict(row)) for row in found.mappings()]

    async def wanting(self, task_ids: Collection[UUID]) -> list[UUID]:
        """Give the live jobs that want one of these tasks."""
        found = await self._tx.execute(
            "SELECT DISTINCT job_id FROM job_task JOIN job USING (job_id) "
            "WHERE active AND cancelled_at IS NULL AND task_id = ANY(:ids)",
            {"ids": list(task_ids)},
        )
        return [row[0] for row in found]

    async def uses(
        self, task_id: UUID, projects: Collection[str] | None
    ) -> list[tuple[UUID, bool]]:
        """Give the visible jobs that want a task, and whether it existed before."""
        found = await self._tx.execute(
            "SELECT job_id, reused FROM job_task JOIN job USING (job_id) "  # noqa: S608
            f"WHERE task_id = :id AND {_VISIBLE} ORDER BY job.created",
            {"id": task_id, "projects": _listed(projects)},
        )
        return [(row[0], row[1]) for row in found]

    # -- messages
    async def say(self, job_ids: Collection[UUID], text: str) -> None:
        """Tell the people of these jobs something, each sentence once."""
        rows = [{"id": job_id, "now": utcnow(), "text": text} for job_id in job_ids]
        if rows:
            await self._tx.execute(
                "INSERT INTO job_message (job_id, at, text) VALUES (:id, :now, :text) "
                "ON CONFLICT DO NOTHING",
                rows,
            )

    async def messages(self, job_id: UUID) -> list[str]:
        """Give what was said about a job, oldest first."""
        found = await self._tx.execute(
            "SELECT text FROM job_message WHERE job_id = :id ORDER BY id",
            {"id": job_id},
        )
        return [row[0] for row in found]

    # -- cost
    async def costs(self, recipes: Collection[str]) -> dict[str, RecipeCost]:
        """Give the median cost of past runs by recipe; none where there are none."""
        found = await self._tx.execute(_COSTS, {"recipes": sorted(set(recipes))})
        rows = (RecipeCost.model_validate(dict(row)) for row in found.mappings())
        return {cost.recipe: cost for cost in rows}


def _outline(graph: dict[str, Any]) -> Outline:
    """Read a plan as it is kept; of schema revision 0001, task by task."""
    if "tasks" in graph:
        return outline_from(PlannedGraph.model_validate(graph))
    return Outline.model_validate(graph)


def _listed(projects: Collection[str] | None) -> list[str] | None:
    return None if projects is None else sorted(projects)
