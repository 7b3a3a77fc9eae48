"""What the database itself keeps safe: states, history, twins."""

from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy.exc import DBAPIError

from muse_scheduler.models import FanIn, PlannedTask, TaskState
from muse_scheduler.store import (
    FrameStore,
    JobStore,
    ProductStore,
    TaskStore,
    WorkStore,
    ending,
)
from musecore.db import Database
from musecore.messages import ProductMade
from musecore.testing import TemplateDatabases
from musecore.times import utcnow, uuid7
from tests.support.frames import make_frame
from tests.support.scheduling import sha


def make_row(key: str, **changes: Any) -> dict[str, Any]:
    """A task to insert."""
    planned = PlannedTask(
        key=key,
        recipe="muse_bias",
        ifu=1,
        group="2026-03-01T09:00:00",
        parameters={},
        set_parameters={},
        inputs=(),
        outputs=("MASTER_BIAS",),
        threads=1,
        est_s=4.0,
        memory_mb=900,
        timeout_s=600,
        caveats=(),
        fan_in=FanIn(),
        choices=(),
    )
    return {
        "task_id": uuid7(),
        "key": key,
        "project": "local",
        "owner": "ada",
        "recipe": "muse_bias",
        "ifu": 1,
        "group_label": planned.group,
        "pool": "small",
        "priority": 0,
        "critical_s": 4.0,
        "threads": 1,
        "memory_mb": 900,
        "timeout_s": 600,
        "est_s": 4.0,
        "planned": planned,
        "outputs": ["MASTER_BIAS"],
        "caveats": [],
        "versions": {},
        "reason": "planned",
    } | changes


async def add_task(database: Database, name: str = "a") -> UUID:
    async with database.begin() as tx:
        [task_id] = await TaskStore(tx).add([make_row(sha(name))], "ada")
    return task_id


async def move(database: Database, task_id: UUID, *states: TaskState) -> None:
    async with database.begin() as tx:
        for state in states:
            await TaskStore(tx).move([task_id], state, who="test", why="test")


@pytest.mark.asyncio
async def test_a_key_is_inserted_once_per_project(databases: TemplateDatabases) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        await add_task(database)
        other = make_row(sha("a"), project="other")
        async with database.begin() as tx:
            assert await TaskStore(tx).add([other], "bob") == [other["task_id"]]
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_task(database)


@pytest.mark.asyncio
async def test_an_edge_a_unit_and_a_want_of_a_task_must_be_known(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        task_id = await add_task(database)
        for pair in ((task_id, uuid7()), (uuid7(), task_id)):
            with pytest.raises(DBAPIError, match="names no task"):
                async with database.begin() as tx:
                    await TaskStore(tx).add_deps([pair])
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="names no job"):
            async with database.begin() as tx:
                await JobStore(tx).set_wants(uuid7(), {task_id: ()}, ())
        lost = make_row(sha("b"), planned=None, unit_id=uuid7())
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="names no unit"):
            async with database.begin() as tx:
                await TaskStore(tx).add([lost], "ada")
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.execute("DELETE FROM task")


@pytest.mark.asyncio
async def test_the_database_refuses_a_change_that_the_state_machine_does_not_know(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        task_id = await add_task(database)
        await move(database, task_id, TaskState.READY, TaskState.DONE)
        with pytest.raises(DBAPIError, match="may not go from DONE to RUNNING"):
            await move(database, task_id, TaskState.RUNNING)


@pytest.mark.asyncio
async def test_every_change_of_state_is_an_event(databases: TemplateDatabases) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        task_id = await add_task(database)
        await move(database, task_id, TaskState.WAITING, TaskState.READY)
        async with database.begin() as tx:
            events = await TaskStore(tx).events(task_id)
    steps = [(event.from_state, event.to_state) for event in events]
    assert steps == [
        (None, TaskState.PLANNED),
        (TaskState.PLANNED, TaskState.WAITING),
        (TaskState.WAITING, TaskState.READY),
    ]
    assert events[1].who == "test"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE task_event SET why = 'never happened'",
        "DELETE FROM task_event",
        "UPDATE attempt SET outcome = 'finished'",
        "DELETE FROM attempt",
    ],
)
async def test_history_is_never_overwritten(
    databases: TemplateDatabases, statement: str
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        task_id = await add_task(database)
        await move(database, task_id, TaskState.READY)
        async with database.begin() as tx:
            work = WorkStore(tx)
            assert await work.claim([(task_id, 1)], "w1", utcnow() - utcnow())
            await work.end_attempts([ending(task_id, 1, "lost", "killed")])
            await work.end_attempts([ending(task_id, 1, "finished", "again")])
            [attempt] = await work.attempts(task_id)
            assert attempt.outcome == "lost"
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as tx:
                await tx.execute(statement)


@pytest.mark.asyncio
async def test_a_child_is_released_by_its_last_parent(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        one, two, child = [await add_task(database, name) for name in "abc"]
        async with database.begin() as tx:
            store = TaskStore(tx)
            await store.add_deps([(one, child), (two, child), (one, child)])
            assert (await store.count_waits([child]))[child] == 2
        await move(database, child, TaskState.WAITING)
        async with database.begin() as tx:
            store = TaskStore(tx)
            assert await store.release_children([one]) == []
            [released] = await store.release_children([two])
            assert (released.task_id, released.n_wait) == (child, 0)
            assert await store.release_children([two]) == []


def make_product(ordinal: int = 1) -> ProductMade:
    name = str(uuid7())
    return ProductMade(
        product_id=uuid7(),
        file_id=uuid7(),
        tag="MASTER_BIAS",
        ordinal=ordinal,
        ifu=1,
        filename="MASTER_BIAS-01.fits",
        object_key=f"objects/{name}",
        sha256=sha(name),
        content_key=sha("same"),
        size=10,
        headers="",
    )


@pytest.mark.asyncio
async def test_what_is_made_again_supersedes_what_was_and_keeps_its_record(
    databases: TemplateDatabases,
) -> None:
    async with databases.database("scheduler", "muse_scheduler") as database:
        task_id = await add_task(database)
        old, new = make_product(), make_product()
        async with database.begin() as tx:
            store = ProductStore(tx)
            await store.add(task_id, 1, [old])
            await store.add(task_id, 2, [new])
            current = await store.current([task_id])
            kept = await store.product(old.product_id)
    assert current[task_id, "MASTER_BIAS", 1].product_id == new.product_id
    assert kept is not None
    assert kept.state == "SUPERSEDED"


@pytest.mark.asyncio
async def test_an_ifu_marked_bad_is_not_live_until_the_mark_is_taken_back(
    databases: TemplateDatabases,
) -> None:
    frame = make_frame("FLAT", ifus=(1, 2))
    async with (
        databases.database("scheduler", "muse_scheduler") as database,
        database.begin() as tx,
    ):
        store = FrameStore(tx)
        await store.put(frame, None, {1: uuid7(), 2: uuid7()})
        await store.set_bad_ifus(frame.file_id, [2], bad=True)
        await store.set_bad_ifus(frame.file_id, [2], bad=True)
        [seen] = await store.visible(["local"])
        assert {n: chip.live for n, chip in seen.ifus.items()} == {
            1: True,
            2: False,
        }
        await store.set_bad_ifus(frame.file_id, [2], bad=False)
        assert await store.visible(["local"]) == [frame]
        assert await store.visible(["other"]) == []
