"""The worker with ESO's pipeline itself, on a simulated set of biases of one IFU."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from muse_worker.engine.esorex import EsorexEngine, Installation
from muse_worker.models import EngineMissing
from musecore.fits import qc_values, scan_headers
from musecore.messages import TaskFailed, TaskFinished
from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.worker.conftest import MakeWorld
from tests.worker.test_process import is_gone
from tests.worker.world import World, until

pytestmark = [pytest.mark.asyncio, pytest.mark.esorex]

IFU = 12


@pytest.fixture(scope="module")
def biases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three raw biases of full size, with the channel of one IFU."""
    spec = NightSpec(ifus=(IFU,), chain="quick", types=("BIAS",))
    report = simulate_night(spec, tmp_path_factory.mktemp("night"), jobs=1)
    return list(report.raw)


@pytest_asyncio.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(None)


async def bias_task(world: World, frames: list[Path], **changes: Any):
    inputs = [await world.put_input("BIAS", path) for path in frames]
    task_id = world.task(inputs, ifu=IFU, **changes)
    await world.request(task_id)
    return task_id


async def test_a_master_bias_is_made_verified_and_reported(
    world: World, biases: list[Path]
):
    await bias_task(world, biases)
    report = await world.report(within_s=120)
    assert isinstance(report, TaskFinished), report
    (made,) = report.products
    assert (made.tag, made.ifu, made.filename) == (
        "MASTER_BIAS",
        IFU,
        f"MASTER_BIAS-{IFU}.fits",
    )
    stored = world.blobs.local_path(made.object_key)
    assert stored is not None
    hdus = scan_headers(stored)
    assert hdus[0].header["ESO PRO REC1 RAW3 NAME"] == biases[2].name
    assert len(qc_values(hdus)) > 50
    assert report.versions["pipeline"].startswith("muse/2.")
    assert report.resources.max_rss_mb > 500
    assert report.resources.wall_s >= 1
    log = await world.log_of(report)
    assert f'Saving image as "MASTER_BIAS-{IFU}.fits"' in log
    assert world.folders == []


async def test_garbage_instead_of_raw_frames_is_reported_with_the_recipes_words(
    world: World, tmp_path: Path
):
    frames = []
    for n in range(3):
        frames.append(tmp_path / f"garbage{n}.fits")
        frames[-1].write_bytes(os.urandom(5760))
    await bias_task(world, frames)
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert (report.failure_class, report.exit_code) == ("recipe_error", 255)
    assert "Required 3, found 0 input frames" in report.detail
    assert any("not SIMPLE or XTENSION" in line for line in report.telling_lines)
    assert report.log_file_id is not None


async def test_a_recipe_that_is_killed_is_reported_with_its_signal(
    world: World, biases: list[Path]
):
    await bias_task(world, biases)
    pid = await running_recipe(world)
    os.kill(pid, signal.SIGSEGV)
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert (report.failure_class, report.signal) == ("recipe_error", signal.SIGSEGV)
    assert "Computing per-quadrant medians" in await world.log_of(report)


async def test_too_little_memory_is_told_from_a_recipe_error(
    make_world: MakeWorld, biases: list[Path]
):
    world = await make_world(None, memory_factor=1.0)
    await bias_task(world, biases, memory_mb=10)  # 714 MiB of address space in all
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "out_of_memory", report
    assert report.signal == signal.SIGABRT


async def test_a_cancelled_recipe_is_gone_within_seconds(
    world: World, biases: list[Path]
):
    task_id = await bias_task(world, biases)
    pid = await running_recipe(world)
    begun = time.monotonic()
    await world.cancel(task_id)
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "cancelled"
    assert time.monotonic() - begun < 3
    assert is_gone(pid)
    assert world.folders == []


async def test_the_versions_are_those_of_the_installed_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    versions = await EsorexEngine().versions()
    assert set(versions) == {"esorex", "cpl", "pipeline"}
    assert versions["pipeline"].startswith("muse/2.")
    assert os.listdir(tmp_path) == []  # esorex leaves a log where it is asked


async def test_an_esorex_without_muse_recipes_is_refused(tmp_path: Path):
    engine = EsorexEngine(Installation(plugin_dir=tmp_path))
    with pytest.raises(EngineMissing, match="pipeline"):
        await engine.versions()


async def running_recipe(world: World) -> int:
    """Wait until the recipe computes; give its process id."""
    pid = (await world.started()).pid

    def computes() -> bool:
        logs = list(world.folder.glob("work/w1/*/run/.logfile"))
        return any("Computing per-quadrant medians" in p.read_text() for p in logs)

    await until(computes, within_s=60)
    assert psutil.Process(pid).name() == "esorex"
    return pid
