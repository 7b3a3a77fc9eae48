# ruff: noqa: ASYNC240  it reads small files
"""A worker from the requested task to the report, with a stand-in for esorex."""

import asyncio
import base64
import hashlib
import json
import time
from pathlib import Path

import pytest

from muse_worker.models import EngineMissing, WorkFolderTaken
from muse_worker.service.folders import WorkFolder
from musecore.errors import Unavailable
from musecore.fits import expand_headers
from musecore.messages import TaskFailed, TaskFinished
from tests.worker.conftest import MakeWorld
from tests.worker.test_process import gone_soon, is_gone
from tests.worker.world import World, copying, make_product, until

pytestmark = pytest.mark.asyncio

HANGS = "say INFO starting; exec sleep 63"


async def test_a_task_ends_with_its_products_in_the_store_and_a_report(
    make_world: MakeWorld, product: Path, raw: Path
):
    sha256 = hashlib.sha256(product.read_bytes()).hexdigest()
    world = await make_world(f"say INFO works\nsay WARNING dim\n{copying(product)}")
    inputs = [await world.put_input("BIAS", raw)]
    await world.request(world.task(inputs))
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    (made,) = report.products
    assert (made.tag, made.ordinal, made.ifu) == ("MASTER_BIAS", 1, 7)
    assert made.sha256 == sha256
    assert await world.blobs.stat(made.object_key) == made.size
    headers = expand_headers(base64.b64decode(made.headers))
    assert headers[0].header["ESO PRO CATG"] == "MASTER_BIAS"
    assert world.storage.uploads[str(made.file_id)]["kind"] == "product"
    assert world.storage.commits[str(made.file_id)] == {
        "sha256": made.sha256,
        "content_key": made.content_key,
        "size": made.size,
    }
    assert [used.filename for used in report.inputs] == [raw.name]
    assert report.versions["pipeline"] == "muse/2.8.7"
    assert report.versions["rule_set"] == "1+abc"
    assert report.warnings == ["muse_bias_compute: dim"]
    assert report.resources.bytes_in == 3
    assert world.folders == []


async def test_the_manifest_in_the_store_is_the_report(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    task_id = world.task([])
    await world.request(task_id)
    report = await world.report()
    content = await world.blobs.get_range(f"manifests/{task_id}/1.json", 0, 1 << 20)
    assert TaskFinished.model_validate(json.loads(content)) == report


async def test_the_recipe_gets_its_options_and_its_frames_in_order(
    make_world: MakeWorld, raw: Path, product: Path
):
    world = await make_world(f'echo "$@"; {copying(product)}')
    inputs = [await world.put_input("BIAS", raw) for _ in range(2)]
    task_id = world.task(inputs, set_parameters={"merge": False, "lsigma": 2.5})
    await world.request(task_id)
    log = await world.log_of(await world.report())
    call = (
        "--suppress-prefix=true --output-dir=../out --log-dir=../log "
        "--log-file=muse_bias.log muse_bias --nifu=7 --merge=false --lsigma=2.5 "
    )
    assert call in log
    assert f"SOF_CONTENT\t../in/0001/{raw.name} BIAS" in log
    assert f"SOF_CONTENT\t../in/0002/{raw.name} BIAS" in log


async def test_inputs_are_shared_with_the_store_and_not_copied(
    make_world: MakeWorld, raw: Path
):
    world = await make_world(HANGS)
    entry = await world.put_input("BIAS", raw)
    await world.request(world.task([entry]))
    await world.started()
    (folder,) = world.folders
    staged = world.folder / "work" / "w1" / folder / "in" / "0001" / raw.name
    stored = world.blobs.local_path(entry["object_key"])
    assert stored is not None
    assert staged.samefile(stored)


async def test_exit_status_0_without_the_product_is_a_failure_that_says_so(
    make_world: MakeWorld,
):
    world = await make_world("say INFO done")
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "bad_product"
    assert report.exit_code == 0
    assert "without what it was to make: MASTER_BIAS" in report.detail
    assert report.telling_lines == ["[INFO] muse_bias_compute: done"]
    assert world.folders == []


async def test_a_failed_recipe_is_reported_with_its_log(make_world: MakeWorld):
    world = await make_world("say INFO begins; say ' ERROR' 'No raw images'; exit 255")
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert (report.failure_class, report.exit_code) == ("recipe_error", 255)
    assert "No raw images" in report.detail
    assert report.telling_lines[-1] == "[ERROR] muse_bias_compute: No raw images"
    assert "No raw images" in await world.log_of(report)
    assert world.storage.uploads[str(report.log_file_id)]["kind"] == "log"


@pytest.mark.parametrize(
    ("body", "failure_class", "signal"),
    [
        ("echo 'failed to allocate 8 bytes' >&2; kill -ABRT $$", "out_of_memory", 6),
        ("kill -KILL $$", "out_of_memory", 9),
        ("kill -TERM $$", "infrastructure", 15),
        ("echo 'No space left on device' >&2; exit 1", "storage_full", None),
    ],
)
async def test_each_end_of_a_recipe_has_its_class(
    make_world: MakeWorld, body: str, failure_class: str, signal: int | None
):
    world = await make_world(body)
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert (report.failure_class, report.signal) == (failure_class, signal)


async def test_a_recipe_beyond_its_time_limit_is_stopped(make_world: MakeWorld):
    world = await make_world(HANGS)
    await world.request(world.task([], timeout_s=0.5))
    report = await world.report(within_s=10)
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "time_limit"


async def test_a_cancelled_task_stops_at_once_and_leaves_nothing(make_world: MakeWorld):
    world = await make_world(HANGS)
    task_id = world.task([])
    await world.request(task_id)
    pid = (await world.started()).pid
    await until(lambda: list(world.folder.glob("work/w1/*/run/.logfile")))
    begun = time.monotonic()
    await world.cancel(task_id)
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert (report.failure_class, report.detail) == ("cancelled", "Not wanted.")
    assert time.monotonic() - begun < 3
    assert is_gone(pid)
    assert world.folders == []
    assert "starting" in await world.log_of(report)


async def test_a_heartbeat_that_is_told_to_stop_stops_the_recipe(make_world: MakeWorld):
    world = await make_world(HANGS)
    await world.request(world.task([], lease_s=0.4))
    pid = (await world.started()).pid
    await until(lambda: world.scheduler.beats >= 2)
    world.scheduler.go_on = False
    report = await world.report(within_s=5)
    assert isinstance(report, TaskFailed)
    assert report.detail == "A newer attempt runs."
    assert is_gone(pid)


async def test_a_worker_takes_no_more_messages_than_it_has_slots(make_world: MakeWorld):
    world = await make_world(HANGS, slots=2)
    tasks = [world.task([]) for _ in range(5)]
    for task_id in tasks:
        await world.request(task_id)
    for _ in range(2):
        await world.started()
    await asyncio.sleep(0.2)
    assert world.scheduler.claimed == tasks[:2]
    assert await world.broker.depth("worker.small") == 3
    await world.cancel(tasks[0])
    await world.started()
    await asyncio.sleep(0.2)
    assert world.scheduler.claimed == tasks[:3]
    assert await world.broker.depth("worker.small") == 2


async def test_a_busy_worker_leaves_what_it_cannot_run_to_another(
    make_world: MakeWorld,
):
    world = await make_world(HANGS, slots=1)
    for _ in range(2):
        await world.request(world.task([]))
    await world.started()
    other = world.make_service(name="w2")
    await other.start()
    await world.started()
    assert world.scheduler.workers == ["w1", "w2"]
    await other.stop()


async def test_a_message_that_comes_twice_runs_once(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    task_id = world.task([])
    await world.request(task_id)
    await world.request(task_id)
    await world.report()
    await asyncio.sleep(0.2)
    assert world.heard.empty()
    assert await world.broker.depth("worker.small") == 0
    assert await world.broker.dead_letters("worker.small") == []


async def test_a_scheduler_that_is_away_for_a_moment_is_asked_again(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    world.scheduler.claims_to_refuse = 2
    await world.request(world.task([]))
    assert isinstance(await world.report(), TaskFinished)


async def test_an_input_with_other_bytes_is_refused(make_world: MakeWorld, raw: Path):
    world = await make_world("exit 0")
    entry = await world.put_input("BIAS", raw)
    await world.request(world.task([entry | {"size": 4}]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "infrastructure"
    assert "has 3 bytes in the store, and should have 4" in report.detail


async def test_a_full_store_is_reported_as_such(make_world: MakeWorld, product: Path):
    world = await make_world(copying(product))
    world.storage.full = True
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "storage_full"
    assert report.log_file_id is None


async def test_a_worker_that_is_stopped_hands_its_task_back(make_world: MakeWorld):
    world = await make_world(HANGS)
    await world.request(world.task([]))
    pid = (await world.started()).pid
    await world.service.stop()
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "infrastructure"
    assert report.detail == "Handed back: w1 was stopped."
    assert is_gone(pid)


async def test_a_worker_that_is_stopped_lets_a_short_recipe_end(
    make_world: MakeWorld, product: Path
):
    world = await make_world(f"sleep 0.5; {copying(product)}", drain_s=10)
    await world.request(world.task([]))
    await world.started()
    await world.service.stop()
    assert isinstance(await world.report(), TaskFinished)


async def test_a_report_that_was_not_sent_is_sent_at_the_next_start(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product), patience_s=0.1)
    held, world.broker.publish = world.broker.publish, _away  # type: ignore[method-assign]
    task_id = world.task([])
    await held(world.requested(task_id))
    await until(lambda: list(world.folder.glob("work/w1/*/report.json")))
    await world.service.stop()
    world.broker.publish = held  # type: ignore[method-assign]
    world.service = world.make_service()
    await world.service.start()
    report = await world.report()
    assert isinstance(report, TaskFinished)
    assert report.task_id == task_id
    assert world.folders == []


async def test_a_folder_that_a_dead_worker_left_is_removed(
    make_world: MakeWorld, tmp_path: Path
):
    left = tmp_path / "work" / "w0" / "muse_flat-03-abc-a1" / "in"
    left.mkdir(parents=True)
    (tmp_path / "work" / "w0" / ".lock").touch()
    await make_world("exit 0")
    assert not left.parent.exists()


async def test_two_workers_of_one_name_are_refused(make_world: MakeWorld):
    world = await make_world("exit 0")
    with pytest.raises(WorkFolderTaken, match="'w1' works"):
        await world.make_service().start()


async def test_a_worker_waits_while_another_settles_what_it_left_when_it_died(
    make_world: MakeWorld, tmp_path: Path
):
    world = await make_world("exit 0")
    left = tmp_path / "work" / "w7"
    left.mkdir()
    settled = WorkFolder.of_the_dead(left, holder="w1")
    assert settled is not None
    again = world.make_service(name="w7", patience_s=20.0)
    starting = asyncio.create_task(again.start())
    await asyncio.sleep(1.3)  # longer than a folder of its own name is waited for
    assert not starting.done()
    settled.release()
    await asyncio.wait_for(starting, 10)
    await again.stop()


async def test_a_missing_esorex_is_told_with_what_to_install(tmp_path: Path):
    world = World(tmp_path, esorex="/nowhere/esorex")
    with pytest.raises(EngineMissing, match="apt-get install esorex cpl-plugin-muse"):
        await world.service.start()


async def test_caveats_reach_the_products_header_and_the_report(
    make_world: MakeWorld, tmp_path: Path
):
    made = make_product(
        tmp_path / "made.fits", "IMAGE_FOV", None, {"QC SCIPOST NDET": 3}
    )
    world = await make_world(copying(made, "IMAGE_FOV_0001.fits"))
    task_id = world.task(
        [],
        recipe="muse_scipost",
        ifu=None,
        outputs=[{"tag": "IMAGE_FOV", "min": 1, "per_ifu": False}],
        caveats=["IFU 03 missing: muse_flat failed"],
    )
    await world.request(task_id)
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    assert report.caveats == ["IFU 03 missing: muse_flat failed"]
    headers = expand_headers(base64.b64decode(report.products[0].headers))
    assert headers[0].header["MUSEWISE CAVEAT1"] == "IFU 03 missing: muse_flat failed"
    assert (await world.log_of(report)).count("--nifu") == 0


async def _away(_message: object) -> None:
    raise Unavailable("The broker is away.")


async def test_no_process_of_a_recipe_is_left_behind(
    make_world: MakeWorld, tmp_path: Path
):
    child = tmp_path / "child"
    world = await make_world(f"sleep 64 & echo $! > {child}; exit 0")
    await world.request(world.task([]))
    await world.report()
    assert await gone_soon(int(child.read_text()))
