"""A worker whose broker is RabbitMQ: many short tasks of all pools, and none lost."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from musecore.broker import Topology
from musecore.broker.rabbit import RabbitBroker
from musecore.messages import TaskFailed, TaskFinished
from tests.worker.world import World, copying, stand_in

pytestmark = [pytest.mark.real, pytest.mark.asyncio]

POOLS = ("small", "medium", "large")


async def test_tasks_of_all_pools_run_once_each_on_two_busy_workers(
    rabbit_url: str, tmp_path: Path, product: Path
):
    script = stand_in(tmp_path, copying(product))
    world = World(tmp_path, esorex=str(script), slots=2, memory_mb=20_000)
    reports = ["task.started.v1", "task.finished.v1", "task.failed.v1"]
    world.broker = RabbitBroker(rabbit_url, Topology({"reports": reports}))
    world.service = world.make_service()
    await world.start()
    other = world.make_service(name="w2", slots=1, memory_mb=7_000)
    await other.start()
    tasks = [world.task([]) for _ in range(24)]
    for number, task_id in enumerate(tasks):
        await world.request(
            task_id,
            POOLS[number % 3],
            at="w1" if number % 4 == 0 else None,
        )
    ended = [await world.next(TaskFinished, TaskFailed) for _ in tasks]
    assert Counter(type(report) for report in ended) == {TaskFinished: len(tasks)}
    assert {report.task_id for report in ended} == set(tasks)
    assert len(world.scheduler.claimed) == len(tasks)
    for queue in ("worker.at.w1", *(f"worker.{pool}" for pool in POOLS)):
        async with asyncio.timeout(20):
            while await world.broker.depth(queue):
                await asyncio.sleep(0.1)
        assert await world.broker.dead_letters(queue) == []
    await other.stop()
    await world.stop()
