"""The cable between a worker and the hub is cut, or a job is cancelled, in a recipe."""

import asyncio
import time
from contextlib import asynccontextmanager

import psutil
import pytest

from musecore.serving import blobs_of
from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.chaos.rig import LEASE_S, Rig, needs_servers
from tests.chaos.verdict import settled, violations
from tests.support.proxy import FaultProxy

pytestmark = [pytest.mark.real, pytest.mark.chaos, needs_servers]

SECONDS = '{"seconds": [3.0, 3.0]}'


@asynccontextmanager
async def small_fleet(tmp_path, **settings):
    """A fleet without workers, and a night of one IFU put into it."""
    night = simulate_night(
        NightSpec(ifus=(12,), chain="quick", headers_only=True), tmp_path
    )
    rig = Rig(settings)
    try:
        await rig.start(workers=())
        await rig.put([*night.raw, *night.statics.values()], "local")
        yield rig
    finally:
        rig.stop()
        rig.remove()


async def ask(rig: Rig) -> str:
    return await rig.process_when_known(
        project="local", product="DATACUBE_FINAL", target="SIMFIELD"
    )


async def until_runs(rig: Rig, worker: str) -> None:
    for _ in range(400):
        if await rig.sql(
            "SELECT 1 FROM scheduler.task WHERE state = 'RUNNING' AND worker = $1",
            worker,
        ):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{worker} runs nothing\n{rig.tails()}")


@pytest.mark.parametrize("cut_s", [LEASE_S + 4])
def test_a_task_behind_a_cut_cable_is_done_by_another_worker_and_counts_once(
    tmp_path, cut_s
):
    async def run() -> None:
        async with small_fleet(tmp_path, simulated=SECONDS) as rig:
            hub = FaultProxy(int(rig.processes["scheduler"].settings["port"]))
            mq = FaultProxy(rig.rabbit.port)
            far = {
                "scheduler_url": f"http://127.0.0.1:{hub.port}",
                "broker_url": rig.rabbit.url.replace(
                    str(rig.rabbit.port), str(mq.port)
                ),
            }
            rig.start_workers(("far",), **far)
            job = await ask(rig)
            await until_runs(rig, "far")
            for link in (hub, mq):
                link.fall_silent()
            rig.start_workers(("near",))
            await asyncio.sleep(cut_s)
            for link in (hub, mq):
                link.heal()
            await rig.until_done(job, 120)
            assert await settled(rig, 60)
            tasks = await rig.sql("SELECT count(*) FROM scheduler.task")
            assert not (wrong := await violations(rig, "local", tasks[0][0])), wrong
            outcomes = await rig.sql(
                "SELECT worker, outcome FROM scheduler.attempt ORDER BY started"
            )
            assert ("far", "lost") in [tuple(row) for row in outcomes]
            assert ("near", "finished") in [tuple(row) for row in outcomes]
            for link in (hub, mq):
                link.close()

    asyncio.run(run())


def test_cancelling_a_job_kills_its_process_and_leaves_no_object_nobody_knows(
    tmp_path,
):
    script = tmp_path / "stand-in-esorex"
    script.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        "--version) echo ' ESO Recipe Execution Tool, version 3.13.6'\n"
        "  echo 'Libraries used: CPL = simulated, CFITSIO = 4.2.0'; exit 0;;\n"
        "--man-page) echo '  muse_bias -- version 2.8.7'; exit 0;;\n"
        "esac\n"
        "sleep 600 & exec sleep 601\n"
    )
    script.chmod(0o755)

    async def run() -> None:
        async with small_fleet(tmp_path / "night") as rig:
            rig.start_workers(("w1",), engine="esorex", esorex=str(script))
            job = await ask(rig)
            await until_runs(rig, "w1")
            worker = psutil.Process(rig.processes["w1"].pid)
            while not any("sleep" in p.name() for p in worker.children(True)):
                await asyncio.sleep(0.05)
            children = worker.children(True)
            asked = time.monotonic()
            async with rig.http("scheduler", "local") as scheduler:
                answer = await scheduler.post(f"/jobs/{job}/cancel")
                assert answer.status_code == 200, answer.text
            while any(_alive(p) for p in children):
                assert time.monotonic() - asked < 15, rig.tails()
                await asyncio.sleep(0.05)
            assert await settled(rig, 30)
            rig.processes["w1"].stop()
            await every_object_is_known(rig)

    asyncio.run(run())


def test_a_worker_that_is_told_to_stop_hands_back_and_another_finishes(tmp_path):
    async def run() -> None:
        seconds = '{"seconds": [2.0, 2.0]}'
        async with small_fleet(tmp_path, simulated=seconds, drain_s="0.2") as rig:
            rig.start_workers(("w1",))
            job = await ask(rig)
            await until_runs(rig, "w1")
            assert rig.processes["w1"].stop() == 0
            rig.start_workers(("w2",))
            await rig.until_done(job, 120)
            assert await settled(rig, 60)
            tasks = await rig.sql("SELECT count(*) FROM scheduler.task")
            assert not (wrong := await violations(rig, "local", tasks[0][0])), wrong
            await every_object_is_known(rig)
            left = await rig.sql(
                "SELECT count(*) FROM storage.upload WHERE state = 'OPEN'"
            )
            assert left[0][0] == 0

    asyncio.run(run())


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def every_object_is_known(rig: Rig) -> None:
    """The bucket holds what the inventory names, and the manifests, nothing else."""
    held = set(await blobs_of(rig.blobs_url).keys("objects/"))
    known = {
        row[0]
        for row in await rig.sql(
            "SELECT object_key FROM storage.file WHERE state = 'STORED'"
        )
    }
    assert held == known
