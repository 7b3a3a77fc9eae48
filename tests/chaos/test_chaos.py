"""A simulated night of 624 tasks on a real fleet, while everything breaks in turn."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.chaos.faults import BAG, Chaos
from tests.chaos.rig import SIMULATED, Rig
from tests.chaos.verdict import settled, violations

pytestmark = [pytest.mark.real, pytest.mark.chaos]

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "1,2,3").split(",")]
TIMES = int(os.environ.get("CHAOS_TIMES", "1"))
"""How many bags of faults strike each night (``benchmarks/chaos.py``: more)."""

EXPOSURES = 19
PATIENCE_S = 900.0


async def one_seed(rig: Rig, files: list[Path], seed: int) -> tuple[int, Chaos]:
    """Reduce the night under faults; give the number of tasks and what struck."""
    project = f"chaos{seed}"
    await rig.put(files, project)
    job = await rig.process(project, product="DATACUBE_FINAL", target="SIMFIELD")
    counted = await rig.sql(
        "SELECT count(*) FROM scheduler.task WHERE project = $1", project
    )
    tasks = int(counted[0][0])
    begun = time.monotonic()
    bag = {kind: n * TIMES for kind, n in BAG.items()}
    chaos = Chaos(rig, seed, bag, (project, tasks))
    await chaos.run()
    struck_s = time.monotonic() - begun
    await rig.until_done(job, PATIENCE_S)
    assert await settled(rig, 60), "outboxes and queues do not become empty"
    told = table(seed, tasks, chaos, struck_s, time.monotonic() - begun)
    sys.stdout.write(f"{told}\n")
    wrong = await violations(rig, project, tasks)
    assert not wrong, "\n".join(wrong) + "\n" + rig.tails()
    return tasks, chaos


def table(seed: int, tasks: int, chaos: Chaos, struck_s: float, all_s: float) -> str:
    """Give what struck, as lines for people."""
    total = sum(chaos.struck.values())
    head = (
        f"\nseed {seed}: {tasks} tasks, {total} faults in {struck_s:.0f} s, "
        f"all done after {all_s:.0f} s"
    )
    rows = (f"  {kind:<42}{chaos.struck[kind]:>3}" for kind in BAG)
    return "\n".join([head, *rows])


def test_every_task_is_done_once_whatever_breaks(tmp_path, capsys):
    night = simulate_night(
        NightSpec(
            ifus=tuple(range(1, 25)),
            chain="full",
            exposures=EXPOSURES,
            headers_only=True,
        ),
        tmp_path,
    )
    files = [*night.raw, *night.statics.values()]

    settings = {**SIMULATED, "simulated": '{"seconds": [0.05, 0.2]}'}

    async def all_seeds(rig: Rig) -> None:
        for seed in SEEDS:
            with capsys.disabled():
                tasks, chaos = await one_seed(rig, files, seed)
            assert tasks >= 600
            assert sum(chaos.struck.values()) >= 30
            assert set(chaos.struck) == set(BAG)

    with Rig(settings=settings) as rig:
        asyncio.run(all_seeds(rig))
    assert set(rig.statuses.values()) == {0}, rig.statuses
