"""Products made elsewhere: their whole history, and references that heal."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from musecore.fits import provenance, qc_values, scan
from musecore.messages import FileStored
from musecore.times import uuid7
from tests.catalog.catalog import BORIS, Catalog, finished, product, stored, used
from tests.catalog.frames import make_object, make_product, make_raw
from tests.catalog.test_register import rows_of
from tests.support.real_files import CUBE, need

pytestmark = pytest.mark.asyncio

BIAS_MD5 = "ad8f5bc4d6b78588e4b7d47cf79e67fc"  # of MASTER_BIAS-01.fits of Abell 478
RAW = "MUSE.2014-12-08T02:48:56.798"
Node = dict[str, Any]


async def _cube(catalog: Catalog) -> FileStored:
    return await catalog.put(need(CUBE).read_bytes(), "DATACUBE_A478.fits")


async def _lineage(catalog: Catalog, name: str, **asked: Any) -> Node:
    [frame, *_] = (await catalog.get("/frames", filename=name))["items"]
    tree = await catalog.get(f"/frames/{frame['frame_id']}/lineage", **asked)
    return dict(tree)


def _chain(node: Node) -> list[Node]:
    """Give the nodes that have runs, from the product down its first inputs."""
    found = []
    while node["task"] is not None:
        found.append(node)
        node = node["inputs"][0]
    return found


def _inputs(node: Node) -> dict[str, Node]:
    """Give all inputs below a node by the name that the header gives them."""
    found = {}
    for one in node["inputs"]:
        found[one["frame"]["filename"]] = one
        found |= _inputs(one)
    return found


def _same(typed: Any, text: str) -> bool:
    """Say whether a typed value is what a header writes as text."""
    if isinstance(typed, bool):
        return str(typed).lower() == text
    if isinstance(typed, int | float):
        return typed == float(text)
    return bool(typed == text.strip())


async def test_the_cube_of_abell_478_tells_of_three_recipes_and_all_that_they_read(
    catalog: Catalog,
) -> None:
    await _cube(catalog)
    tree = await _lineage(catalog, "DATACUBE_A478.fits")
    combine, post, basic = _chain(tree)
    recipes = [one["task"]["recipe"] for one in (combine, post, basic)]
    assert recipes == ["muse_exp_combine", "muse_scipost", "muse_scibasic"]
    assert [one["task"]["rec"] for one in (combine, post, basic)] == [3, 2, 1]
    assert {one["task"]["versions"]["pipeline"] for one in (combine, post, basic)} == {"muse/1.0"}  # fmt: skip
    truth = provenance(scan(CUBE).hdus[0].header)
    for node, record in zip((basic, post, combine), truth, strict=True):
        told = [
            (one["frame"]["filename"], one["tag"], one["frame"]["data_md5"])
            for one in node["inputs"]
        ]
        assert told == [(one.name, one.catg, one.data_md5) for one in record.inputs]
        parameters = node["task"]["parameters"]
        assert parameters.keys() == {one.name for one in record.parameters}
        for one in record.parameters:
            assert _same(parameters[one.name], str(one.value)), one
    of_post = [one["tag"] for one in post["inputs"]]
    assert (of_post.count("PIXTABLE_OBJECT"), len(of_post) - 24) == (24, 28)
    parameters = sum(len(one["task"]["parameters"]) for one in (combine, post, basic))
    assert parameters == 63  # 126 cards: a name and a value each
    assert post["task"]["parameters"]["lambdamax"] == 10000.0
    assert basic["task"]["parameters"]["nifu"] == -1


async def test_its_32_qc_values_are_those_of_its_header(catalog: Catalog) -> None:
    await _cube(catalog)
    [frame] = (await catalog.get("/frames"))["items"]
    rows = await catalog.get(f"/frames/{frame['frame_id']}/qc")
    truth = [(one.name, one.value) for one in qc_values(scan(CUBE).hdus)]
    assert len(rows) == 32
    assert [(one["name"], one["value"]) for one in rows] == truth
    assert all(name.startswith("QC EXPCOMB") for name, _ in truth)
    assert {one["unit"] for one in rows} == {"pix", "arcsec"}
    for q, number in (("qc['EXPCOMB FWHM4 X'] > 2.02", 1), ("qc['EXPCOMB FWHM4 X'] > 2.03", 0)):  # fmt: skip
        assert len((await catalog.get("/objects", q=q))["items"]) == number


async def test_all_its_1309_cards_come_back_as_they_are_in_the_file(
    catalog: Catalog,
) -> None:
    await _cube(catalog)
    [frame] = (await catalog.get("/frames"))["items"]
    whole = await catalog.get(f"/frames/{frame['frame_id']}/header")
    for one, truth in zip(whole["hdus"], scan(CUBE).hdus, strict=True):
        assert one["extname"] == truth.extname
        cards = [[card.keyword, card.value, card.comment] for card in truth.header.cards]  # fmt: skip
        assert one["cards"] == cards
    assert [len(one["cards"]) for one in whole["hdus"]] == [1309, 49, 49, 9]


async def test_the_run_elsewhere_is_found_by_what_is_asked_of_runs(
    catalog: Catalog,
) -> None:
    await _cube(catalog)
    for q in (
        "processing.pipeline_version == 'muse/1.0'",
        "processing.recipe == 'muse_exp_combine' & processing.cpl_version < '7'",
        "processing.parameters.crsigma == 15 & processing.parameters.weight == 'exptime'",
        "processing.worker is null & recipe == 'muse_exp_combine'",
    ):
        found = await catalog.get("/objects", q=q)
        assert len(found["items"]) == 1, q


async def test_what_is_named_and_not_here_is_pending(catalog: Catalog) -> None:
    await _cube(catalog)
    tree = await _lineage(catalog, "DATACUBE_A478.fits")
    named = _inputs(tree)
    assert tree["frame"]["pending"] is False
    assert len(named) == 3 + 52 + 8
    assert all(one["frame"]["pending"] for one in named.values())
    assert {one["frame"]["frame_id"] for one in named.values()} == {None}
    assert {one["frame"]["sha256"] for one in named.values()} == {None}
    ids = {one["frame"]["file_id"] for one in named.values()}
    assert len(ids) == 63


@pytest.mark.parametrize("first", ["product", "files"])
async def test_references_heal_whatever_comes_first(
    catalog: Catalog, first: str
) -> None:
    raw = make_object(ARCFILE=f"{RAW}.fits")
    bias = make_product(DATAMD5=BIAS_MD5)
    if first == "product":
        await _cube(catalog)
    sent = await catalog.put(raw, f"{RAW}.fits")
    await catalog.put(bias, "bias of that night.fits")
    if first == "files":
        await _cube(catalog)
    named = _inputs(await _lineage(catalog, "DATACUBE_A478.fits"))
    exposure = named[f"{RAW}.fits.fz"]["frame"]
    assert (exposure["pending"], exposure["sha256"]) == (False, sent.sha256)
    assert exposure["file_id"] == str(sent.file_id)
    [known] = [one for one in (await catalog.get("/frames", kind="product"))["items"] if one["tag"] == "MASTER_BIAS"]  # fmt: skip
    assert named["MASTER_BIAS-01.fits"]["frame"]["frame_id"] == known["frame_id"]
    pending = [name for name, one in named.items() if one["frame"]["pending"]]
    assert len(pending) == 61


async def test_a_healed_reference_counts_among_ancestors(catalog: Catalog) -> None:
    await _cube(catalog)
    await catalog.put(make_object(ARCFILE=f"{RAW}.fits"), "raw.fits")
    [raw, *_] = (await catalog.get("/frames", kind="raw"))["items"]
    [cube] = (await catalog.get("/frames", kind="product"))["items"]
    made = await catalog.get("/objects", q=f"made_from('{raw['frame_id']}')")
    assert [one["frame_id"] for one in made["items"]] == [cube["frame_id"]]
    read = await catalog.get("/objects", q=f"used_by('{cube['frame_id']}', 1)")
    assert {one["filename"] for one in read["items"]} == {"raw.fits"}


async def test_a_master_of_ours_heals_what_names_its_data(catalog: Catalog) -> None:
    await _cube(catalog)
    raw = await catalog.put(make_raw(1), "bias.fits")
    master = product(make_product(DATAMD5=BIAS_MD5), "MASTER_BIAS-01.fits", "MASTER_BIAS", 1)  # fmt: skip
    await catalog.tell(finished("muse_bias", [used(raw, "BIAS", 1)], [master], 1))
    named = _inputs(await _lineage(catalog, "DATACUBE_A478.fits"))
    node = named["MASTER_BIAS-01.fits"]
    assert node["frame"]["frame_id"] == str(master.product_id)
    assert node["task"]["recipe"] == "muse_bias"  # its own lineage goes on below
    assert named["bias.fits"]["frame"]["sha256"] == raw.sha256


async def test_a_file_of_another_project_heals_nothing(catalog: Catalog) -> None:
    await _cube(catalog)
    await catalog.put(
        make_object(ARCFILE=f"{RAW}.fits"), "raw.fits", project="udf", owner="boris"
    )
    assert (await catalog.get("/frames", BORIS, kind="raw"))["items"]
    named = _inputs(await _lineage(catalog, "DATACUBE_A478.fits"))
    assert named[f"{RAW}.fits.fz"]["frame"]["pending"]


@pytest.mark.parametrize("first", ["product", "file"])
async def test_two_that_arrive_at_once_wait_for_each_other(
    catalog: Catalog, first: str
) -> None:
    cube = stored(need(CUBE).read_bytes(), "cube.fits")
    raw = stored(make_object(ARCFILE=f"{RAW}.fits"), "raw.fits")
    one, two = (cube, raw) if first == "product" else (raw, cube)
    ingest = catalog.service._ingest
    async with catalog.database.begin() as tx:
        await ingest._settle(tx, one, ingest._read(one))
        other = asyncio.create_task(ingest.on_stored(uuid7(), two))
        await asyncio.sleep(0.5)
        waited = not other.done()  # it would not see what is not committed
    await other
    assert waited
    named = _inputs(await _lineage(catalog, "cube.fits"))
    assert named[f"{RAW}.fits.fz"]["frame"]["sha256"] == raw.sha256


async def test_rows_without_bytes_heal_what_the_ic_4406_image_names(
    catalog: Catalog, ic4406: Path
) -> None:
    # Real: the keywords of 143 frames as they were published, and the header of the
    # image. Not here: pixels, whole headers, sums; a row is known by the hash of itself.
    content = (ic4406 / "header-1696-cards.fits").read_bytes()
    await catalog.put(content, "IMAGE_FOV_0001.fits")
    tree = await _lineage(catalog, "IMAGE_FOV_0001.fits")
    post, basic = _chain(tree)
    calibrations = [one for one in basic["inputs"] if one["tag"] not in ("OBJECT", "ILLUM")]  # fmt: skip
    assert len(calibrations) == 7
    assert len(post["inputs"]) == 24 + 4
    rows = rows_of(ic4406 / "raw.csv", "raw")
    assert len(rows) == 143
    await catalog.post("/register", {"project": "local", "rows": rows})
    named = _inputs(await _lineage(catalog, "IMAGE_FOV_0001.fits"))
    healed = {name: one for name, one in named.items() if not one["frame"]["pending"]}
    assert {name: one["tag"] for name, one in healed.items()} == {
        "MUSE.2017-06-16T01:34:56.867.fits.fz": "OBJECT",
        "MUSE.2017-06-16T01:25:02.867.fits.fz": "ILLUM",
    }


async def test_two_products_made_elsewhere_are_compared(
    catalog: Catalog, ic4406: Path
) -> None:
    await _cube(catalog)
    content = (ic4406 / "header-1696-cards.fits").read_bytes()
    await catalog.put(content, "IMAGE_FOV_0001.fits")
    ids = [one["frame_id"] for one in (await catalog.get("/frames"))["items"]]
    diff = await catalog.get("/diff", a=ids[0], b=ids[1])
    versions = {one["name"]: (one["a"], one["b"]) for one in diff["versions"]}
    assert versions["pipeline"] == ("muse/1.0", "muse/2.5.0")
    assert len([one for one in diff["inputs"] if one["tag"] == "PIXTABLE_REDUCED"]) == 3
