"""The engine for load and chaos tests: its products hold, its failures are chosen."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from muse_worker.engine.contract import RecipeCall, RecipeRun
from muse_worker.engine.simulated import SimulatedEngine
from muse_worker.models import SimulatedRuns
from musecore.fits import is_simulated, provenance, qc_values, scan, scan_headers
from musecore.messages import TaskFailed, TaskFinished
from musecore.muse.schema import load
from musesim.night import simulate_night
from musesim.plan import NightSpec
from tests.worker.conftest import MakeWorld

pytestmark = pytest.mark.asyncio

IFU = 7
MODEL = load()
NO_PIPELINE = {"engine": "simulated", "esorex": "no-such-program"}


@pytest.fixture(scope="module")
def biases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three raw biases without pixels."""
    spec = NightSpec(ifus=(IFU,), types=("BIAS",), headers_only=True)
    return list(simulate_night(spec, tmp_path_factory.mktemp("night")).raw)


async def ran(
    folder: Path, frames: list[Path], runs: SimulatedRuns | None = None, **changes: Any
) -> RecipeRun:
    """Run a recipe of one IFU in a folder."""
    recipe, tag = changes.pop("recipe", "muse_bias"), changes.pop("tag", "BIAS")
    await asyncio.to_thread(folder.mkdir, parents=True)
    (folder / "x.sof").write_text("".join(f"{path} {tag}\n" for path in frames))
    given: dict[str, Any] = {
        "recipe": recipe,
        "spoken": f"{recipe} of IFU {IFU}",
        "options": {"nifu": IFU},
        "sof": Path("../x.sof"),
        "folder": folder,
        "threads": 1,
        "memory_mb": 900.0,
        "timeout_s": 60.0,
    }
    call = RecipeCall(**given | changes)
    pids: list[int] = []

    async def started(pid: int) -> None:
        pids.append(pid)

    run = await SimulatedEngine(runs or SimulatedRuns(), MODEL).run(
        call, started=started
    )
    assert len(pids) == 1
    return run


async def test_a_product_is_whole_fits_and_says_that_it_is_simulated(
    tmp_path: Path, biases: list[Path]
):
    run = await ran(tmp_path / "a", biases)
    assert run.diagnosis is None
    (made,) = run.products
    assert made.name == f"MASTER_BIAS-{IFU:02d}.fits"
    hdus = scan_headers(made)
    assert is_simulated(hdus[0].header)
    assert hdus[0].header["ESO PRO CATG"] == "MASTER_BIAS"
    assert hdus[0].header["DATE-OBS"].startswith("2018-12-09T21:00")
    (record,) = provenance(hdus[0].header)
    assert [entry.name for entry in record.inputs] == [path.name for path in biases]
    assert {value.ifu for value in qc_values(hdus)} == {IFU}
    assert "QC BIAS MASTER1 MEDIAN" in {value.name for value in qc_values(hdus)}
    with fits.open(made) as opened:
        opened.verify("exception")
        assert opened["DATA"].data.shape == (4, 4)


async def test_equal_inputs_and_parameters_give_equal_bytes_and_others_do_not(
    tmp_path: Path, biases: list[Path]
):
    def sha256(run: RecipeRun) -> str:
        return scan(run.products[0], content="MASTER_BIAS").sha256

    first = sha256(await ran(tmp_path / "a", biases))
    again = sha256(await ran(tmp_path / "b", biases, attempt=2))
    fewer = sha256(await ran(tmp_path / "c", biases[:2]))
    other = {"nifu": IFU, "lsigma": 2.5}
    assert first == again
    assert (
        len({first, fewer, sha256(await ran(tmp_path / "d", biases, options=other))})
        == 3
    )


async def test_every_recipe_leaves_what_the_scheduler_expects_of_it(
    tmp_path: Path, biases: list[Path]
):
    for recipe in MODEL.recipes.recipes:
        tag = recipe.inputs[0].tag
        options = {"nifu": IFU} if recipe.takes_nifu else {}
        run = await ran(
            tmp_path / recipe.name, biases[:1], recipe=recipe.name, tag=tag,
            options=options,
        )  # fmt: skip
        made = {scan_headers(path)[0].header["ESO PRO CATG"] for path in run.products}
        expected = recipe.outputs_with(recipe.defaults() | options, [tag])
        assert made == {output.tag for output in expected}, recipe.name


@pytest.mark.parametrize(
    ("fate", "failure_class"),
    [
        ("recipe_error", "recipe_error"),
        ("out_of_memory", "out_of_memory"),
        ("time_limit", "time_limit"),
    ],
)
async def test_a_chosen_failure_is_told_as_the_real_one_is(
    tmp_path: Path, biases: list[Path], fate: str, failure_class: str
):
    runs = SimulatedRuns.model_validate({"shares": {fate: 1.0}})
    run = await ran(tmp_path / "a", biases, runs)
    assert run.diagnosis is not None
    assert run.diagnosis.failure_class == failure_class
    assert run.products == []


async def test_more_memory_or_time_lets_the_next_attempt_succeed(
    tmp_path: Path, biases: list[Path]
):
    runs = SimulatedRuns(shares={"out_of_memory": 0.5, "time_limit": 0.5})
    assert (await ran(tmp_path / "a", biases, runs)).diagnosis is not None
    assert (await ran(tmp_path / "b", biases, runs, attempt=2)).diagnosis is None


async def test_a_share_of_the_runs_fails_and_the_same_ones_each_time():
    def fates(seed: int) -> list[str]:
        engine = SimulatedEngine(
            SimulatedRuns(seed=seed, shares={"recipe_error": 0.2}), MODEL
        )
        return [engine.choose(str(n), 1)[0] for n in range(1000)]

    assert 150 < fates(1).count("recipe_error") < 250
    assert fates(1) == fates(1)
    assert fates(1) != fates(2)


async def test_a_run_beyond_its_time_limit_is_stopped_there(
    tmp_path: Path, biases: list[Path]
):
    runs = SimulatedRuns(seconds=(30.0, 30.0))
    run = await ran(tmp_path / "a", biases, runs, timeout_s=0.1)
    assert run.diagnosis is not None
    assert run.diagnosis.failure_class == "time_limit"


async def test_a_worker_with_the_simulated_engine_needs_no_pipeline(
    make_world: MakeWorld, biases: list[Path]
):
    world = await make_world(None, **NO_PIPELINE)
    inputs = [await world.put_input("BIAS", path) for path in biases]
    await world.request(world.task(inputs))
    report = await world.report()
    assert isinstance(report, TaskFinished), report
    assert report.versions["pipeline"] == "muse/simulated-1"
    assert [made.tag for made in report.products] == ["MASTER_BIAS"]
    assert world.folders == []


async def test_exit_status_0_without_a_product_is_found_by_the_worker(
    make_world: MakeWorld, biases: list[Path]
):
    shares = {"shares": {"no_product": 1.0}}
    world = await make_world(None, **NO_PIPELINE, simulated=shares)
    inputs = [await world.put_input("BIAS", path) for path in biases]
    await world.request(world.task(inputs))
    report = await world.report()
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "bad_product"


async def test_cancelling_a_simulated_run_ends_it(
    make_world: MakeWorld, biases: list[Path]
):
    world = await make_world(None, **NO_PIPELINE, simulated={"seconds": (60.0, 60.0)})
    task_id = world.task([await world.put_input("BIAS", biases[0])])
    await world.request(task_id)
    await world.started()
    await world.cancel(task_id)
    report = await world.report(within_s=10)
    assert isinstance(report, TaskFailed)
    assert report.failure_class == "cancelled"
    assert world.folders == []
