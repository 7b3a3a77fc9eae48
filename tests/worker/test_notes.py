"""What an attempt has put into the store and no report names is given up."""

import asyncio
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from muse_worker.service.reports import REPORT
from musecore.messages import FileUnwanted, TaskFailed, TaskFinished
from tests.worker.conftest import MakeWorld
from tests.worker.world import World, copying, until

pytestmark = pytest.mark.asyncio


def of_kind(world: World, kind: str) -> set[UUID]:
    uploads = world.storage.uploads.items()
    return {UUID(file_id) for file_id, one in uploads if one["kind"] == kind}


async def test_products_of_an_attempt_that_is_cancelled_while_it_stores_are_given_up(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    world.storage.slow = True
    task_id = world.task([])
    await world.request(task_id)
    await until(
        lambda: of_kind(world, "product") & set(map(UUID, world.storage.commits))
    )
    await world.cancel(task_id)
    report = await world.report()
    assert isinstance(report, TaskFailed), report
    unwanted = await world.next(FileUnwanted)
    assert {unwanted.file_id} == of_kind(world, "product")
    assert unwanted.reason == "its attempt failed: cancelled"
    assert {report.log_file_id} == of_kind(world, "log")
    assert world.folders == []


async def test_nothing_is_given_up_of_an_attempt_that_ends_well(
    make_world: MakeWorld, product: Path
):
    world = await make_world(copying(product))
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    await until(lambda: not world.folders)
    await asyncio.sleep(0.1)
    assert world.heard.empty()


async def left_behind(world: World, **files: str) -> None:
    """Die with files in the folder of an attempt; start again."""
    await world.service.stop()
    folder = world.folder / "work" / "w1" / "muse_flat-03-abc-a1"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    world.service = world.make_service()
    await world.service.start()


async def test_a_worker_that_died_while_it_stored_gives_that_up_at_its_next_start(
    make_world: MakeWorld,
):
    world = await make_world("exit 0")
    one = uuid4()
    await left_behind(world, stored=f"{one}\n{str(uuid4())[:20]}")
    unwanted = await world.next(FileUnwanted)
    assert (unwanted.file_id, unwanted.reason) == (one, "its attempt died")
    assert world.heard.empty()
    assert world.folders == []


async def test_a_worker_killed_while_it_clears_up_gives_up_nothing_that_counts(
    make_world: MakeWorld, product: Path, monkeypatch: pytest.MonkeyPatch
):
    def killed_in_the_middle(folder: Path, **_: object) -> None:
        (folder / REPORT).unlink(missing_ok=True)

    world = await make_world(copying(product))
    monkeypatch.setattr(shutil, "rmtree", killed_in_the_middle)
    await world.request(world.task([]))
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    work = world.folder / "work" / "w1"
    await until(lambda: any(work.iterdir()) and not any(work.rglob(REPORT)))
    monkeypatch.undo()
    await world.service.stop()
    world.service = world.make_service()
    await world.service.start()
    await asyncio.sleep(0.1)
    assert world.heard.empty()
    assert world.folders == []


async def test_what_an_unreadable_report_may_have_named_is_kept(make_world: MakeWorld):
    world = await make_world("exit 0")
    await left_behind(world, stored=f"{uuid4()}\n", report_json="")
    await asyncio.sleep(0.1)
    assert world.heard.empty()
    assert world.folders == []
