"""The cable between a worker and the hub is cut while it runs a recipe.

It still reaches the store of its site. Its lease ends, another worker takes over; then
the cable is mended, and the first one answers: after the other, or before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from musecore.serving import blobs_of
from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.chaos.rig import SIMULATED, Rig
from tests.chaos.verdict import settled, violations
from tests.support.proxy import FaultProxy

pytestmark = [pytest.mark.real, pytest.mark.chaos]

TASKS = 5


@pytest.fixture(scope="module")
def rig():
    """A fleet without workers."""
    with Rig(workers=0, settings=SIMULATED) as rig:
        yield rig


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A night of one IFU, without pixels."""
    spec = NightSpec(ifus=(12,), chain="quick", headers_only=True)
    night = simulate_night(spec, tmp_path_factory.mktemp("night"))
    return [*night.raw, *night.statics.values()]


class Partition:
    """Worker `far`, whose cable to the hub can be cut, and `near`, who has none.

    Parameters
    ----------
    name
        Of the project; the names of the workers contain it.
    """

    def __init__(self, rig: Rig, name: str) -> None:
        self.rig = rig
        self.name = name
        self.far, self.near = f"far-{name}", f"near-{name}"
        self.links = (
            FaultProxy(int(rig.processes["scheduler"].settings["port"])),
            FaultProxy(rig.rabbit.port),
        )

    def hire_far(self) -> None:
        """Start it, behind the cable; its recipes take three seconds."""
        hub, broker = self.links
        port = str(self.rig.rabbit.port)
        self.rig.fleet.hire(
            self.far,
            scheduler_url=f"http://127.0.0.1:{hub.port}",
            broker_url=self.rig.broker_url.replace(port, str(broker.port)),
            patience_s="200",
            simulated='{"seconds": [3.0, 3.0]}',
        )

    def hire_near(self, seconds: float) -> None:
        """Start it; its recipes take so long."""
        self.rig.fleet.hire(
            self.near, simulated=f'{{"seconds": [{seconds}, {seconds}]}}'
        )

    def cut(self) -> None:
        for link in self.links:
            link.fall_silent()

    def mend(self) -> None:
        for link in self.links:
            link.heal()

    def close(self) -> None:
        """Let both workers go."""
        for name in (self.far, self.near):
            if name in self.rig.processes:
                self.rig.processes[name].stop()
        for link in self.links:
            link.close()

    async def until(self, query: str, *values: object) -> None:
        """Wait until the database gives something."""
        for _ in range(600):
            if await self.rig.sql(query, *values):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"in vain: {query} {values}\n{self.rig.tails()}")

    async def until_far_has_answered(self) -> None:
        """Wait until the answer of the worker behind the cable lies in its folder."""
        work = self.rig.folder / "work" / self.far
        for _ in range(600):
            if list(work.glob("*/report.json")):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self.far} has no answer\n{self.rig.tails()}")

    async def until_runs(self, worker: str) -> UUID:
        """Wait until a worker runs a recipe; give the task."""
        running = (
            "SELECT task_id FROM scheduler.task WHERE state = 'RUNNING' AND worker = $1"
        )
        await self.until(running, worker)
        return UUID(str((await self.rig.sql(running, worker))[0][0]))

    async def outcomes(self, task: UUID) -> list[tuple[str, str]]:
        """Give who tried a task, in turn, and what came of it."""
        found = await self.rig.sql(
            "SELECT worker, outcome FROM scheduler.attempt WHERE task_id = $1 "
            "ORDER BY attempt",
            task,
        )
        return [tuple(row) for row in found]

    async def products(self, task: UUID) -> set[tuple[UUID, int]]:
        """Give the files that count as products of a task, and who made them."""
        found = await self.rig.sql(
            "SELECT file_id, attempt FROM scheduler.product WHERE task_id = $1", task
        )
        return {tuple(row) for row in found}

    async def verdict(self, job: UUID) -> None:
        """Let the job end, and look that nothing is twice and nothing is left."""
        await self.rig.until_done(job, 120)
        assert await settled(self.rig, 60)
        assert not (wrong := await violations(self.rig, self.name, TASKS)), wrong
        held = set(await blobs_of(self.rig.blobs_url).keys("objects/"))
        known = await self.rig.sql(
            "SELECT object_key FROM storage.file WHERE state = 'STORED'"
        )
        assert held == {row[0] for row in known}


@asynccontextmanager
async def cut_off(rig: Rig, files, name: str) -> AsyncIterator[tuple[Partition, UUID]]:
    """Cut the cable of the only worker while it runs a recipe; give the job too."""
    await rig.put(files, name)
    partition = Partition(rig, name)
    try:
        partition.hire_far()
        job = await rig.process(name, product="DATACUBE_FINAL", target="SIMFIELD")
        await partition.until_runs(partition.far)
        partition.cut()
        yield partition, job
    finally:
        partition.close()


DONE = "SELECT 1 FROM scheduler.task WHERE task_id = $1 AND state = 'DONE'"
REFUSED = """
SELECT 1 FROM storage.file
WHERE project = $1 AND state = 'EVICTED' AND evict_reason LIKE 'late answer%'
"""


def test_an_answer_after_that_of_the_worker_who_took_over_is_refused(rig, files):
    async def run() -> None:
        async with cut_off(rig, files, "after") as (one, job):
            task = await one.until_runs(one.far)
            one.hire_near(seconds=0.2)
            await one.until(DONE, task)
            counted = await one.products(task)
            await one.until_far_has_answered()
            one.mend()
            await one.until(REFUSED, one.name)
            await one.verdict(job)
            assert await one.outcomes(task) == [
                (one.far, "lost"),
                (one.near, "finished"),
            ]
            assert await one.products(task) == counted
            assert {attempt for _, attempt in counted} == {2}

    asyncio.run(run())


def test_an_answer_before_that_of_the_worker_who_took_over_counts_once(rig, files):
    async def run() -> None:
        async with cut_off(rig, files, "before") as (one, job):
            task = await one.until_runs(one.far)
            one.hire_near(seconds=600)
            assert await one.until_runs(one.near) == task
            await one.until_far_has_answered()
            one.mend()
            await one.until(DONE, task)
            rig.processes[one.near].stop()
            await one.verdict(job)
            assert await one.outcomes(task) == [
                (one.far, "lost"),
                (one.near, "superseded"),
            ]
            assert {attempt for _, attempt in await one.products(task)} == {1}

    asyncio.run(run())
