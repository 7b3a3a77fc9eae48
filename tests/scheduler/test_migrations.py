"""The schema: from nothing to the tables of the code, and what it refuses."""

import pytest

from muse_scheduler.models import TRANSITIONS, JobState, PlannedGraph
from muse_scheduler.rules import plan
from muse_scheduler.store import JobStore
from muse_scheduler.tables import metadata
from musecore.db import Database, is_current, model_differences, upgrade
from musecore.muse.schema import load
from musecore.testing import TemplateDatabases
from musecore.times import utcnow, uuid7
from tests.support.frames import VERSIONS, make_night
from tests.support.scheduling import ADA, CUBE, bench


@pytest.mark.asyncio
async def test_the_schema_is_made_from_nothing_and_has_not_drifted(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler") as database:
        await upgrade(database, "muse_scheduler")
        await upgrade(database, "muse_scheduler")
        assert await is_current(database, "muse_scheduler")
        assert await model_differences(database, metadata) == []


@pytest.mark.asyncio
async def test_the_table_of_transitions_is_the_state_machine(
    databases: TemplateDatabases,
) -> None:
    async with (
        databases.database("scheduler", "muse_scheduler") as database,
        database.begin() as tx,
    ):
        found = await tx.execute("SELECT from_state, to_state FROM transition")
        kept = {(row[0], row[1]) for row in found}
    assert kept == {(old.value, new.value) for old, new in TRANSITIONS}


_TASK = """
INSERT INTO task (task_id, key, project, owner, recipe, ifu, group_label, state, n_wait,
    attempt, budget_from, pool, priority, critical_s, threads, memory_mb, timeout_s,
    est_s, planned, outputs, caveats, versions, reason, created)
VALUES (:id, :key, 'local', 'ada', :recipe, :ifu, :group, :state, :n_wait, 1, 1,
    'default', 0, 1, 1, 900, 600, 1, CAST(:planned AS jsonb), :outputs, '{}', '{}',
    'planned', :now)
"""


async def fill_revision_1(database: Database, graph: PlannedGraph) -> str:
    """A job as revision 0001 kept it, nothing of it done; gives its id."""
    job, plan_id, ids = uuid7(), uuid7(), {t.key: uuid7() for t in graph.tasks}
    request = CUBE.model_dump_json(by_alias=True)
    told = {"id": job, "plan": plan_id, "request": request, "now": utcnow()}
    told["graph"] = graph.model_dump_json()
    async with database.begin() as tx:
        for statement in (
            "INSERT INTO plan VALUES (:plan, 'ada', 'local', CAST(:request AS jsonb), "
            "CAST(:graph AS jsonb), :now)",
            "INSERT INTO job (job_id, owner, project, request, plan_id, created) "
            "VALUES (:id, 'ada', 'local', CAST(:request AS jsonb), :plan, :now)",
            "INSERT INTO job_graph VALUES (:id, 1, CAST(:graph AS jsonb), 'a', :now)",
        ):
            names = {n: v for n, v in told.items() if f":{n}" in statement}
            await tx.execute(statement, names)
        for task in graph.tasks:
            row = {
                "id": ids[task.key],
                "key": task.key,
                "recipe": task.recipe,
                "ifu": task.ifu,
                "group": task.group,
                "state": "WAITING" if task.parents else "READY",
                "n_wait": len(task.parents),
                "planned": task.model_dump_json(),
                "outputs": list(task.outputs),
                "now": utcnow(),
            }
            await tx.execute(_TASK, row)
            targets = [t.tag for t in graph.targets if t.key == task.key]
            await tx.execute(
                "INSERT INTO job_task VALUES (:job, :task, :targets, false, true)",
                {"job": job, "task": ids[task.key], "targets": targets},
            )
        for task in graph.tasks:
            for parent in task.parents:
                await tx.execute(
                    "INSERT INTO dep VALUES (:parent, :child)",
                    {"parent": ids[parent], "child": ids[task.key]},
                )
    return str(job)


@pytest.mark.asyncio
async def test_a_job_of_revision_1_goes_on_after_the_upgrade(
    databases: TemplateDatabases,
) -> None:
    frames = make_night(ifus=(1,))
    graph = plan(CUBE, frames, load(), VERSIONS)
    async with databases.database("scheduler") as database:
        await upgrade(database, "muse_scheduler", "0001")
        job = await fill_revision_1(database, graph)
        await upgrade(database, "muse_scheduler")
        async with bench(databases, database=database) as at:
            half = await at.service.planning.accept(ADA, CUBE)
            await at.work()
            assert len(await at.recipes_run()) == len(graph.tasks)
            for one in (job, str(half)):
                done = await at.service.jobs.job(ADA, one)
                assert done.state is JobState.DONE
            [product] = done.products
            why = await at.service.explaining.why(ADA, product.frame_id)
            [cube] = [t for t in graph.tasks if t.recipe == "muse_scipost"]
            assert why.choices == cube.choices
            assert {c for a in why.ancestors for c in a.choices} >= {
                c for t in graph.tasks if t.recipe == "muse_flat" for c in t.choices
            }
            async with at.database.begin() as tx:
                kept = await JobStore(tx).graph(done.job_id)
                first = await tx.execute("SELECT plan_id FROM plan")
                plan_id = first.scalar_one()
            assert kept.keys == {task.key for task in graph.tasks}
            again = await at.service.planning.accept_plan(ADA, plan_id)
            shown = await at.service.jobs.job(ADA, str(again))
            assert shown.state is JobState.DONE
            retried = await at.service.retrying.retry(ADA, job)
            assert retried.state is JobState.DONE
