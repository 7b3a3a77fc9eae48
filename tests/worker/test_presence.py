"""A worker in its fleet: what it says of itself, what it obeys, whose tasks it takes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from muse_worker.service.machine import LEAST_MB, cores_here, memory_here_mb
from musecore.errors import Unavailable
from musecore.messages import TaskFinished
from musecore.settings import SettingInvalid
from tests.worker.conftest import MakeWorld
from tests.worker.world import World, copying, until

pytestmark = pytest.mark.asyncio

HANGS = "say INFO starting; exec sleep 63"
LONGER_THAN_A_BEAT_S = 0.3


def order(world: World, state: str, reason: str = "disk swap") -> None:
    world.scheduler.orders = {"state": state, "reason": reason, "beat_s": 0.05}


async def heard(world: World) -> dict[str, Any]:
    """Give an announcement that was made after now."""
    number = len(world.scheduler.announced) + 1
    await until(lambda: len(world.scheduler.announced) > number)
    return world.scheduler.announced[-1]


# -- what it says
async def test_a_worker_says_what_it_has_at_its_start_and_with_every_beat(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, memory_mb=20_000, cores=3, slots=8, site="garching")
    first = world.scheduler.announced[0]
    assert first == {
        "name": "w1",
        "site": "garching",
        "pools": ["small", "medium", "large"],
        "cores": 3,
        "memory_mb": 20_000,
        "running": 0,
        "own_queue": True,
        "starting": True,
        "stopping": False,
        "trouble": "",
    }
    await world.request(world.task([]))
    await world.started()
    later = await heard(world)
    assert (later["starting"], later["running"]) == (False, 1)


async def test_a_worker_without_room_on_its_disk_says_so_with_every_beat(
    make_world: MakeWorld,
):
    world = await make_world("exit 0", min_free_bytes=10**18)
    assert "has room for" in world.scheduler.announced[0]["trouble"]
    assert "Free some" in (await heard(world))["trouble"]


async def test_a_worker_that_stops_says_so_and_nothing_after(make_world: MakeWorld):
    world = await make_world("exit 0")
    await world.service.stop()
    assert [said["stopping"] for said in world.scheduler.announced[-2:]] == [
        False,
        True,
    ]
    number = len(world.scheduler.announced)
    await asyncio.sleep(LONGER_THAN_A_BEAT_S)
    assert len(world.scheduler.announced) == number


async def test_a_worker_works_while_the_scheduler_hears_no_announcement_and_tries_again(
    tmp_path: Path, make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    world.scheduler.is_away = True
    other = world.make_service(name="w2")
    await other.start()
    await world.request(world.task([]))
    assert isinstance(await world.report(), TaskFinished)
    await world.service.stop()
    await world.request(world.task([]))
    assert isinstance(await world.report(), TaskFinished)
    assert world.scheduler.workers[-1] == "w2"
    number = len(world.scheduler.announced)
    world.scheduler.is_away = False
    await until(lambda: len(world.scheduler.announced) > number, within_s=20)
    said = world.scheduler.announced[number]
    assert (said["name"], said["starting"]) == ("w2", True)
    await other.stop()


# -- what it obeys
@pytest.mark.parametrize("state", ["PAUSED", "DRAINING", "CORDONED"])
async def test_a_worker_that_is_set_aside_takes_nothing_until_it_is_active_again(
    make_world: MakeWorld, state: str
):
    world = await make_world(HANGS, slots=2)
    running = world.task([])
    await world.request(running)
    await world.started()
    order(world, state)
    await heard(world)
    waiting = world.task([])
    await world.request(waiting)
    own = world.task([])
    await world.request(own, at="w1")
    await asyncio.sleep(LONGER_THAN_A_BEAT_S)
    assert world.scheduler.claimed == [running]
    assert world.scheduler.announced[-1]["running"] == 1  # what runs goes on
    assert await world.broker.depth("worker.small") == 1
    order(world, "ACTIVE")
    await world.started()
    assert len(world.scheduler.claimed) == 2


async def test_a_worker_that_starts_while_it_is_paused_takes_nothing(tmp_path: Path):
    world = World(tmp_path, engine="simulated")
    order(world, "PAUSED")
    await world.start()
    await world.request(world.task([]))
    await asyncio.sleep(LONGER_THAN_A_BEAT_S)
    assert world.scheduler.claimed == []
    assert await world.broker.depth("worker.small") == 1
    await world.stop()


async def test_a_claim_that_is_refused_to_a_paused_worker_stops_it_and_loses_nothing(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    order(world, "ACTIVE")
    world.scheduler.orders["beat_s"] = 60.0
    await asyncio.sleep(LONGER_THAN_A_BEAT_S)  # no further beat comes by itself
    world.scheduler.pause_claims = True
    order(world, "PAUSED")
    first, second = world.task([]), world.task([])
    await world.request(first)
    await until(lambda: world.scheduler.refused == [first])
    await world.request(second)
    await asyncio.sleep(LONGER_THAN_A_BEAT_S)
    assert world.scheduler.refused == [first]
    assert await world.broker.depth("worker.small") == 1
    assert await world.broker.dead_letters("worker.small") == []
    world.scheduler.pause_claims = False
    order(world, "ACTIVE")
    assert (await world.report()).task_id == second
    await world.request(first)  # the scheduler offers it again
    assert (await world.report()).task_id == first


# -- whose tasks it takes
async def test_a_worker_takes_tasks_from_its_own_queue(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    task_id = world.task([])
    await world.request(task_id, at="w1")
    assert (await world.report()).task_id == task_id
    assert await world.broker.depth("worker.small") == 0


async def test_a_task_of_the_own_queue_without_room_is_left_to_the_pool(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, memory_mb=8_000)
    await world.request(world.task([], memory_mb=5_000), "medium")
    await world.started()
    near = world.task([], memory_mb=6_000)
    await world.request(near, "medium", at="w1")
    async with asyncio.timeout(10):
        while not await world.broker.depth("worker.medium"):
            await asyncio.sleep(0.02)
    assert near not in world.scheduler.claimed
    other = world.make_service(name="w2")
    await other.start()
    await world.started()
    assert world.scheduler.claimed[-1] == near
    assert world.scheduler.workers[-1] == "w2"
    await other.stop()


async def test_a_pool_is_heard_only_while_its_memory_fits_beside_what_runs(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, memory_mb=9_000, slots=8)
    large = world.task([], memory_mb=14_000)
    await world.request(large, "large")
    first = world.task([], memory_mb=4_000)
    await world.request(first, "medium")
    await world.started()
    second = world.task([], memory_mb=4_000)
    await world.request(second, "medium")
    small = world.task([], memory_mb=2_000)
    await world.request(small)
    await world.started()
    await asyncio.sleep(0.2)
    assert world.scheduler.claimed == [first, small]
    assert await world.broker.depth("worker.medium") == 1
    assert await world.broker.depth("worker.large") == 1
    await world.cancel(first)
    await world.started()
    assert world.scheduler.claimed == [first, small, second]
    assert await world.broker.depth("worker.large") == 1


async def test_a_worker_whose_cores_are_busy_takes_nothing(make_world: MakeWorld):
    world = await make_world(HANGS, cores=2, slots=8)
    await world.request(world.task([], threads=2))
    await world.started()
    await world.request(world.task([]))
    await asyncio.sleep(0.2)
    assert await world.broker.depth("worker.small") == 1


async def test_tasks_of_several_pools_at_once_do_not_get_more_than_there_is(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, slots=1, memory_mb=200_000)
    pools = ("small", "medium", "large", "huge")
    tasks = [world.task([]) for _ in pools]
    for task_id, pool in zip(tasks, pools, strict=True):
        await world.request(task_id, pool)
    await world.started()
    await asyncio.sleep(0.2)
    assert len(world.scheduler.claimed) == 1
    depths = [await world.broker.depth(f"worker.{pool}") for pool in pools]
    assert sum(depths) == 3
    other = world.make_service(name="w2", slots=3)
    await other.start()
    for _ in range(3):
        await world.started()
    assert sorted(world.scheduler.claimed) == sorted(tasks)
    dead = [await world.broker.dead_letters(f"worker.{pool}") for pool in pools]
    assert dead == [[], [], [], []]
    await other.stop()


async def test_a_task_larger_than_the_memory_runs_alone_where_its_pool_is_named(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, memory_mb=8_000, pools=["small", "huge"])
    assert world.scheduler.announced[0]["pools"] == ["small", "huge"]
    small = world.task([], memory_mb=1_000)
    await world.request(small)
    await world.started()
    huge = world.task([], memory_mb=60_000)
    await world.request(huge, "huge")
    await asyncio.sleep(0.2)
    assert await world.broker.depth("worker.huge") == 1
    await world.cancel(small)
    await world.started()
    assert world.scheduler.claimed == [small, huge]
    await world.request(world.task([]))
    await asyncio.sleep(0.2)
    assert await world.broker.depth("worker.small") == 1


async def test_every_pool_has_a_queue_though_nobody_serves_it(make_world: MakeWorld):
    world = await make_world("exit 0", memory_mb=3_000)
    assert world.scheduler.announced[0]["pools"] == ["small"]
    for pool in ("medium", "large", "huge"):
        await world.request(world.task([]), pool)
        assert await world.broker.depth(f"worker.{pool}") == 1


async def test_a_broker_that_is_away_for_a_moment_does_not_leave_the_worker_deaf(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product), slots=1)
    held, calls = world.broker.subscribe, 0

    async def away(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise Unavailable("The broker is away.")
        return await held(*given, **named)

    world.broker.subscribe = away  # type: ignore[method-assign]
    for _ in range(2):
        await world.request(world.task([]))
        assert isinstance(await world.report(), TaskFinished)
    assert calls > 3


async def test_an_unknown_pool_is_refused(tmp_path: Path):
    with pytest.raises(SettingInvalid, match=r"no pool 'tiny'\. Pools: small, medium"):
        World(tmp_path, pools=["tiny"])


# -- what the machine has
async def test_the_memory_of_the_machine_is_that_of_the_control_group_if_less(
    tmp_path: Path,
):
    own = tmp_path / "cgroup"
    own.write_text("0::/pod/worker\n")
    groups = tmp_path / "groups"
    inner = groups / "pod" / "worker"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    whole = memory_here_mb(groups, own)
    (inner.parent / "memory.max").write_text(f"{6 * 1024**3}\n")
    assert memory_here_mb(groups, own) == min(whole, 4 * 1024)
    (inner / "memory.max").write_text(f"{3 * 1024**3}\n")
    assert memory_here_mb(groups, own) == min(whole, 1024)
    (inner / "memory.max").write_text("1000000\n")
    assert memory_here_mb(groups, own) == LEAST_MB


async def test_an_older_control_group_counts_too(tmp_path: Path):
    own = tmp_path / "cgroup"
    own.write_text("4:memory:/job\n1:name=systemd:/job\n")
    group = tmp_path / "groups" / "memory" / "job"
    group.mkdir(parents=True)
    (group / "memory.limit_in_bytes").write_text(f"{3 * 1024**3}\n")
    assert memory_here_mb(tmp_path / "groups", own) <= 1024
    assert cores_here() >= 1
