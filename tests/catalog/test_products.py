"""Products of tasks: registration, QC, lineage, differences."""

from typing import Any

import pytest

from musecore.identity import Principal
from musecore.messages import (
    FileStored,
    FileUnwanted,
    FrameIngested,
    ProductMade,
    TaskFinished,
)
from musecore.times import uuid7
from tests.catalog.catalog import (
    ANNA,
    BORIS,
    Catalog,
    finished,
    product,
    stored,
    used,
)
from tests.catalog.frames import make_product, make_raw

pytestmark = pytest.mark.asyncio

RON = {"ESO QC BIAS MASTER1 RON": (2.46, "[count] read-out noise")}


async def _bias(
    catalog: Catalog, **changes: Any
) -> tuple[list[FileStored], ProductMade]:
    """Make three biases and the master bias of IFU 2."""
    raw = [stored(make_raw(n), f"bias{n}.fits") for n in (1, 2, 3)]
    made = product(make_product(**RON), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    inputs = [used(one, "BIAS", 2) for one in raw]
    await catalog.tell(*raw)
    task = finished("muse_bias", inputs, [made], 2, **changes)
    await catalog.tell(task, twice=True)
    return raw, made


async def _cube(catalog: Catalog, bias: ProductMade) -> ProductMade:
    """Make two pixel tables from one master bias, and a cube from both."""
    tables = []
    for ifu in (1, 2):
        content = make_product("PIXTABLE_OBJECT", value=float(ifu))
        table = product(content, f"PIXTABLE-{ifu:02d}.fits", "PIXTABLE_OBJECT", ifu)
        inputs = [used(bias, "MASTER_BIAS", 2)]
        await catalog.tell(finished("muse_scibasic", inputs, [table], ifu))
        tables.append(table)
    cube = product(make_product("DATACUBE_FINAL"), "CUBE.fits", "DATACUBE_FINAL")
    inputs = [used(one, "PIXTABLE_OBJECT", one.ifu) for one in tables]
    await catalog.tell(finished("muse_scipost", inputs, [cube]))
    return cube


async def test_a_product_is_registered_under_the_ids_of_the_worker(
    catalog: Catalog,
) -> None:
    _, made = await _bias(catalog)
    frame = await catalog.get(f"/frames/{made.product_id}")
    assert (frame["file_id"], frame["sha256"]) == (str(made.file_id), made.sha256)
    assert (frame["kind"], frame["tag"], frame["ifu"]) == ("product", "MASTER_BIAS", 2)
    assert (frame["recipe"], frame["state"]) == ("muse_bias", "STORED")
    assert frame["night"] == "2014-06-24"
    [found] = (await catalog.get("/frames", task_id=frame["task_id"]))["items"]
    assert found == frame


async def test_our_own_products_are_not_told_as_ingested(catalog: Catalog) -> None:
    await _bias(catalog)
    events = [one for one in await catalog.heard() if isinstance(one, FrameIngested)]
    assert {one.kind for one in events} == {"raw"}


async def test_qc_values_have_unit_and_meaning(catalog: Catalog) -> None:
    _, made = await _bias(catalog)
    [row] = await catalog.get(f"/frames/{made.product_id}/qc")
    assert row["name"] == "QC BIAS MASTER1 RON"
    assert (row["ifu"], row["value"], row["unit"]) == (2, 2.46, "count")
    assert "noise" in row["meaning"]


async def test_qc_values_of_a_merged_product_carry_the_ifu_of_their_extension(
    catalog: Catalog,
) -> None:
    content = make_product(**{"ESO QC FLAT MASTER NSATURATED": (12, "pixels")})
    made = product(content, "MASTER_FLAT.fits", "MASTER_FLAT")
    await catalog.tell(finished("muse_flat", [], [made]))
    [row] = await catalog.get(f"/frames/{made.product_id}/qc")
    assert (row["ifu"], row["value"]) == (None, 12)
    assert isinstance(row["value"], int)


@pytest.mark.parametrize(
    ("qc", "changes", "flags"),
    [
        (RON, {}, []),
        ({"ESO QC BIAS MASTER1 RON": (7.5, "")}, {}, ["READ_NOISE_HIGH"]),
        ({"ESO QC BIAS INPUT2 NSATURATED": (90000, "")}, {}, ["SATURATED"]),
        ({}, {"warnings": ["many saturated pixels"]}, ["RECIPE_WARNINGS"]),
        ({}, {"caveats": ["without IFU 3"]}, ["PARTIAL_FAN_IN"]),
        ({}, {"caveats": ["PARTIAL_FAN_IN: 1 of 2"]}, ["PARTIAL_FAN_IN"]),
        ({}, {"caveats": ["without STD_RESPONSE"]}, ["WITHOUT_STD_RESPONSE"]),
    ],
)
async def test_the_system_flags_what_it_sees(
    catalog: Catalog, qc: dict[str, Any], changes: dict[str, Any], flags: list[str]
) -> None:
    made = product(make_product(**qc), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    await catalog.tell(finished("muse_bias", [], [made], 2, **changes))
    frame = await catalog.get(f"/frames/{made.product_id}")
    assert frame["quality_flags"] == flags


async def test_lineage_goes_down_to_the_raw_files_by_content(catalog: Catalog) -> None:
    raw, made = await _bias(catalog)
    cube = await _cube(catalog, made)
    tree = await catalog.get(f"/frames/{cube.product_id}/lineage")
    assert tree["frame"]["frame_id"] == str(cube.product_id)
    assert tree["task"]["recipe"] == "muse_scipost"
    assert tree["task"]["versions"]["pipeline"] == "muse/2.8.7"
    assert tree["task"]["parameters"]["crsigma"] == 15.0
    assert tree["task"]["log_file_id"]
    one, two = tree["inputs"]
    assert (one["tag"], one["frame"]["ifu"]) == ("PIXTABLE_OBJECT", 1)
    [bias] = one["inputs"]
    assert [leaf["frame"]["sha256"] for leaf in bias["inputs"]] == [
        one.sha256 for one in raw
    ]
    assert {leaf["frame"]["ifu"] for leaf in bias["inputs"]} == {2}
    assert all(leaf["task"] is None for leaf in bias["inputs"])
    [again] = two["inputs"]
    assert again["ref"] == str(made.product_id)
    assert (again["frame"], again["inputs"]) == (None, [])


async def test_lineage_ends_at_the_depth_that_was_asked(catalog: Catalog) -> None:
    _, made = await _bias(catalog)
    cube = await _cube(catalog, made)
    path = f"/frames/{cube.product_id}/lineage"
    tree = await catalog.get(path, depth=1)
    assert len(tree["inputs"]) == 2
    assert all(one["inputs"] == [] for one in tree["inputs"])
    assert tree["inputs"][0]["task"]["recipe"] == "muse_scibasic"
    assert (await catalog.get(path, depth=0))["inputs"] == []


async def test_an_input_that_is_not_in_the_catalogue_is_shown_as_recorded(
    catalog: Catalog,
) -> None:
    unknown = stored(make_raw(9), "never-told.fits")
    made = product(make_product(), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    await catalog.tell(finished("muse_bias", [used(unknown, "BIAS", 2)], [made], 2))
    tree = await catalog.get(f"/frames/{made.product_id}/lineage")
    [leaf] = tree["inputs"]
    assert (leaf["frame"]["frame_id"], leaf["frame"]["sha256"]) == (
        None,
        unknown.sha256,
    )
    assert leaf["frame"]["filename"] == "never-told.fits"


async def test_a_second_attempt_keeps_its_own_record(catalog: Catalog) -> None:
    first = product(make_product(), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    again = product(make_product(), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    task = finished("muse_bias", [], [first], 2)
    retried = task.model_copy(update={"attempt": 2, "products": [again]})
    await catalog.tell(task, retried)
    for made, attempt in ((first, 1), (again, 2)):
        tree = await catalog.get(f"/frames/{made.product_id}/lineage")
        assert tree["task"]["attempt"] == attempt


async def test_a_worker_that_speaks_twice_of_an_attempt_is_heard_once(
    catalog: Catalog,
) -> None:
    raw = await catalog.put(make_raw(), "a.fits")
    made = product(make_product(**RON), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    task = finished("muse_bias", [used(raw, "BIAS", 2)], [made], 2)
    await catalog.tell(task)
    await catalog.tell(task)  # the same words in a message of its own
    path = f"/frames/{made.product_id}"
    assert len((await catalog.get(f"{path}/lineage"))["inputs"]) == 1
    assert len(await catalog.get(f"{path}/qc")) == 1


async def test_products_of_a_project_are_seen_by_its_members_only(
    catalog: Catalog,
) -> None:
    _, made = await _bias(catalog)
    async with catalog.client(BORIS) as client:
        for path in ("", "/qc", "/lineage", "/header"):
            answer = await client.get(f"/frames/{made.product_id}{path}")
            assert answer.status_code == 404


async def test_two_products_differ_in_what_was_changed(catalog: Catalog) -> None:
    raw, made = await _bias(catalog)
    other = product(
        make_product(**{"ESO QC BIAS MASTER1 RON": (2.6, "")}, value=2.0),
        "MASTER_BIAS-02.fits",
        "MASTER_BIAS",
        2,
    )
    new = stored(make_raw(9), "bias9.fits")
    inputs = [used(one, "BIAS", 2) for one in (*raw[:2], new)]
    task = finished(
        "muse_bias",
        inputs,
        [other],
        2,
        parameters={"nifu": 2, "crsigma": 20.0},
        versions={"pipeline": "muse/2.8.9", "cpl": "7.3.2"},
    )
    await catalog.tell(task)
    diff = await catalog.get("/diff", a=made.product_id, b=other.product_id)
    assert diff["parameters"] == [
        {"name": "crsigma", "ifu": None, "a": 15.0, "b": 20.0}
    ]
    assert diff["versions"] == [
        {"name": "pipeline", "ifu": None, "a": "muse/2.8.7", "b": "muse/2.8.9"}
    ]
    assert diff["qc"] == [
        {"name": "QC BIAS MASTER1 RON", "ifu": 2, "a": 2.46, "b": 2.6}
    ]
    [pair] = diff["inputs"]
    assert (pair["a"]["filename"], pair["b"]["filename"]) == (
        "bias3.fits",
        "bias9.fits",
    )
    assert diff["same_content"] is False


async def test_a_raw_frame_cannot_be_compared(catalog: Catalog) -> None:
    await catalog.put(make_raw(), "a.fits")
    [frame, _] = (await catalog.get("/frames"))["items"]
    async with catalog.client() as client:
        ids = {"a": frame["frame_id"], "b": frame["frame_id"]}
        answer = await client.get("/diff", params=ids)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_product")


async def test_a_simulated_product_is_refused_with_the_reason(
    catalog: Catalog,
) -> None:
    content = make_product(**{"MUSEWISE SIMULATED": (True, "no pipeline made this")})
    made = product(content, "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    await catalog.tell(finished("muse_bias", [], [made], 2), twice=True)
    assert (await catalog.get("/frames", tag="MASTER_BIAS"))["items"] == []
    [refusal] = await catalog.get("/refusals")
    assert refusal["code"] == "simulated_refused"
    assert "MASTER_BIAS-02.fits is simulated" in refusal["detail"]
    assert "MUSEWISE_SIMULATION=true" in refusal["hint"]


def _two_answers() -> tuple[list[FileStored], list[TaskFinished]]:
    """Give raw frames, and the answers of two attempts at one task."""
    raw = [stored(make_raw(n), f"bias{n}.fits") for n in (1, 2, 3)]
    inputs = [used(one, "BIAS", 2) for one in raw]
    task_id = uuid7()
    made = [
        product(make_product(**RON), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
        for _ in range(2)
    ]
    answers = [
        finished("muse_bias", inputs, [one], 2, task_id=task_id, attempt=n)
        for n, one in enumerate(made, 1)
    ]
    return raw, answers


@pytest.mark.parametrize("answer_first", [True, False])
async def test_a_late_answer_leaves_no_product_and_no_lineage(
    catalog: Catalog, answer_first: bool
) -> None:
    raw, (late, counts) = _two_answers()
    [file_id] = [one.file_id for one in late.products]
    unwanted = FileUnwanted(file_id=file_id, reason="late answer", superseded=True)
    told = [late, unwanted] if answer_first else [unwanted, late]
    await catalog.tell(*raw, counts)
    await catalog.tell(*told, twice=True)
    [frame] = (await catalog.get("/frames", tag="MASTER_BIAS"))["items"]
    assert frame["frame_id"] == str(counts.products[0].product_id)
    async with catalog.database.begin() as tx:
        for table in ("task_run", "lineage"):
            found = await tx.execute(f"SELECT DISTINCT attempt FROM {table}")
            assert found.scalars().all() == [2], table


async def test_a_trial_is_seen_by_its_maker_only_and_leaves_nothing_when_it_is_over(
    catalog: Catalog,
) -> None:
    made = product(make_product(**RON), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    await catalog.tell(finished("muse_bias", [], [made], 2, project=ANNA.trials))
    cleo = Principal(subject="cleo", name="Anna", projects={"local": 5})
    frame = f"/frames/{made.product_id}"
    seen = await catalog.get("/objects/count", **{"class": "MASTER_BIAS"})
    assert seen["count"] == 1
    assert (await catalog.get(frame))["project"] == "trial:anna"
    for path in ("/objects", "/frames"):
        assert (await catalog.get(path, cleo))["items"] == []
    for path in (frame, f"{frame}/header", f"{frame}/qc", f"{frame}/lineage"):
        async with catalog.client(cleo) as client:
            assert (await client.get(path)).status_code == 404, path

    over = FileUnwanted(file_id=made.file_id, reason="is over", superseded=True)
    await catalog.tell(over)
    async with catalog.client(ANNA) as client:
        assert (await client.get(frame)).status_code == 404
    async with catalog.database.begin() as tx:
        for table in ("file", "frame", "header", "qc", "task_run", "lineage"):
            found = await tx.execute(f"SELECT count(*) FROM {table}")
            assert found.scalar_one() == 0, table
