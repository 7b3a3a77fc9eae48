"""Queries on objects: what is found, in which order, page by page, and what is refused."""

from typing import Any

import pytest

from tests.catalog.catalog import BORIS, Catalog, finished, product, stored, used
from tests.catalog.frames import make_object, make_product, make_raw

pytestmark = pytest.mark.asyncio


async def _night(catalog: Catalog) -> dict[str, str]:
    """Make three biases (IFUs 1 and 2), two targets, a master bias and a cube."""
    raw = [stored(make_raw(n), f"bias{n}.fits") for n in (1, 2, 3)]
    science = stored(make_object(40), "hdfs.fits")
    other = stored(
        make_object(50, "Abell 478", RA=63.35, DEC=10.47, EXPTIME=600.0), "abell.fits"
    )
    await catalog.tell(*raw, science, other)
    master = product(
        make_product(
            **{
                "ESO QC BIAS MASTER1 RON": 2.46,
                "ESO QC BIAS MASTER2 RON": 3.5,
                "ESO PRO REC1 PARAM1 NAME": "nifu",
            }
        ),
        "MASTER_BIAS-02.fits",
        "MASTER_BIAS",
        2,
    )
    await catalog.tell(
        finished("muse_bias", [used(one, "BIAS", 2) for one in raw], [master], 2)
    )
    cube = product(make_product("DATACUBE_FINAL"), "CUBE.fits", "DATACUBE_FINAL")
    await catalog.tell(
        finished("muse_scipost", [used(master, "MASTER_BIAS", 2)], [cube])
    )
    first = (await catalog.get("/frames", filename="bias1.fits", ifu=2))["items"][0]
    return {
        "raw": first["frame_id"],
        "master": str(master.product_id),
        "cube": str(cube.product_id),
    }


async def _found(catalog: Catalog, q: str, **more: Any) -> set[str]:
    """Give the names of the files of the objects that fit."""
    answer = await catalog.get("/objects", q=q, **more)
    return {item["filename"] for item in answer["items"]}


async def test_an_object_of_a_page_is_the_frame_that_is_asked_for_by_id(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    alone = make_raw(5, **{"ESO TPL START": "2014-06-25T03:00:00"})  # 1 of 3
    await catalog.tell(stored(alone, "alone.fits"))
    lone, *_ = (await catalog.get("/frames", filename="alone.fits"))["items"]
    said = {
        "is_valid": "no",
        "reason": "odd",
        "flags": ["INCOMPLETE_TEMPLATE", "CLOUDS"],
    }
    async with catalog.client() as client:
        answer = await client.patch(f"/frames/{lone['frame_id']}", json=said)
        assert answer.status_code == 200, answer.text
    items = (await catalog.get("/objects"))["items"]
    assert len(items) == 14
    both = ["CLOUDS", "INCOMPLETE_TEMPLATE"]  # the system says the second too
    assert [one["quality_flags"] for one in items if one["flags_said"]] == [both]
    for item in items:
        assert item == await catalog.get(f"/frames/{item['frame_id']}")


BIASES = {"bias1.fits", "bias2.fits", "bias3.fits"}


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("filename == 'hdfs.fits'", {"hdfs.fits"}),
        ("target ~ 'H*'", {"hdfs.fits"}),
        ("target ~ 'HDF?'", {"hdfs.fits"}),
        ("target ~ 'H%'", set()),
        ("OBJECT in ('HDFS', 'Abell 478')", {"hdfs.fits", "abell.fits"}),
        ("EXPTIME between 600 and 899.5", {"abell.fits"}),
        ("EXPTIME > 600 & dpr_type == 'OBJECT'", {"hdfs.fits"}),
        ("DATE_OBS == 2014-06-25 & tpl_expno == 2", {"bias2.fits"}),
        ("DATE_OBS == 2014-06-24", set()),
        ("DATE_OBS == 2014-06-25T00:02:11.448 & class == 'BIAS'", {"bias2.fits"}),
        ("DATE_OBS == 2014-06-25T00:02:11.4483 & class == 'BIAS'", {"bias2.fits"}),
        ("DATE_OBS == 2014-06-25T00:02:11.449 & class == 'BIAS'", set()),
        ("DATE_OBS != 2014-06-25T00:02:11.448 & class == 'BIAS'", {"bias1.fits", "bias3.fits"}),
        ("DATE_OBS < 2014-06-25T00:02:11.448 & class == 'BIAS'", {"bias1.fits"}),
        ("night == 2014-06-24 & class == 'BIAS'", BIASES),
        ("night == 2014-06-25", set()),
        ("quality_flags == 'nothing of the kind'", set()),
        ("ifu == 2 & kind == 'raw' & ~(class == 'OBJECT')", BIASES),
        ("cone(338.2, -60.5, 10 arcmin)", {"hdfs.fits"}),
        ("cone(338.2, -60.5, 10 arcsec)", set()),
        ("box(350, 70, 10, 11)", {"abell.fits"}),
        ("box(330, 340, -61, -60)", {"hdfs.fits"}),
        ("ra is not null & exptime < 700", {"abell.fits"}),
        ("header['ESO INS OPTI1 NAME'] == 'Blue' & exptime == 600", {"abell.fits"}),
        ("header['ESO DET CHIP ID', 'CHAN02'] == 'egeria2' & tpl_expno == 3", {"bias3.fits"}),
        ("header['ESO OBS ID'] >= 200000001 & class == 'OBJECT'", {"hdfs.fits", "abell.fits"}),
        ("header['NO SUCH'] is null & class == 'OBJECT'", {"hdfs.fits", "abell.fits"}),
        ("qc['BIAS MASTER1 RON'] < 3", {"MASTER_BIAS-02.fits"}),
        ("qc['BIAS MASTER1 RON', 2] < 3", {"MASTER_BIAS-02.fits"}),
        ("qc['BIAS MASTER1 RON', 3] < 3", set()),
        ("ron > 3.1", {"MASTER_BIAS-02.fits"}),
        ("ron < 3.1", set()),
        ("processing.pipeline_version == 'muse/2.8.7' & class ~ 'DATA*'", {"CUBE.fits"}),
        ("processing.parameters.crsigma > 10 & recipe == 'muse_bias'", {"MASTER_BIAS-02.fits"}),
        ("is_valid == 'unknown' & class == 'DATACUBE_FINAL'", {"CUBE.fits"}),
        ("~(is_valid == 'no') & class == 'DATACUBE_FINAL'", {"CUBE.fits"}),
        ("recipe != 'muse_bias' & kind == 'product'", {"CUBE.fits"}),
        ("recipe != 'muse_bias' & class == 'OBJECT'", {"hdfs.fits", "abell.fits"}),
    ],
)  # fmt: skip
async def test_objects_are_found_by_what_is_asked(
    catalog: Catalog, q: str, names: set[str]
) -> None:
    await _night(catalog)
    assert await _found(catalog, q) == names
    count = await catalog.get("/objects/count", q=q)
    assert (count["count"] > 0, count["exact"]) == (bool(names), True)


async def test_objects_are_found_by_their_kin(catalog: Catalog) -> None:
    ids = await _night(catalog)
    raw, cube = ids["raw"], ids["cube"]
    assert await _found(catalog, f"made_from('{raw}')") == {"MASTER_BIAS-02.fits", "CUBE.fits"}  # fmt: skip
    assert await _found(catalog, f"made_from('{raw}', 1)") == {"MASTER_BIAS-02.fits"}
    assert await _found(catalog, f"used_by('{cube}') & kind == 'raw'") == BIASES
    assert await _found(catalog, f"used_by('{cube}', 1)") == {"MASTER_BIAS-02.fits"}
    others = await catalog.get("/objects", q=f"not used_by('{cube}')")
    unused = [(one["filename"], one["ifu"]) for one in others["items"]]
    assert unused.count(("bias1.fits", 1)) == 1  # IFU 2 of it was read
    assert ("bias1.fits", 2) not in unused
    assert len(unused) == 12 - 4
    assert "bias1.fits" in await _found(catalog, f"not made_from('{raw}')")


async def test_pages_in_an_order_of_several_keys_give_every_object_once(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    asked = {"order": "-ron, -exptime, ifu, -DATE_OBS", "limit": 3}
    seen: list[tuple[str, Any]] = []
    after = None
    while True:
        more = {} if after is None else {"after": after}
        page = await catalog.get("/objects", **asked, **more)
        seen += [(item["filename"], item["ifu"]) for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [
        ("MASTER_BIAS-02.fits", 2),
        ("hdfs.fits", 1),
        ("hdfs.fits", 2),
        ("abell.fits", 1),
        ("abell.fits", 2),
        ("bias3.fits", 1),
        ("bias2.fits", 1),
        ("bias1.fits", 1),
        ("bias3.fits", 2),
        ("bias2.fits", 2),
        ("bias1.fits", 2),
        ("CUBE.fits", None),
    ]


@pytest.mark.parametrize(
    "order",
    ["DATE_OBS", "-DATE_OBS", "-exptime, DATE_OBS", "ifu, -DATE_OBS", "-DATE_OBS, ifu"],
)
async def test_pages_of_one_object_are_the_page_of_all(
    catalog: Catalog, order: str
) -> None:
    await _night(catalog)
    at_once = await catalog.get("/objects", order=order)
    seen: list[str] = []
    page = await catalog.get("/objects", order=order, limit=1)
    while page["next"] is not None:
        seen += [item["frame_id"] for item in page["items"]]
        page = await catalog.get("/objects", order=order, limit=1, after=page["next"])
    seen += [item["frame_id"] for item in page["items"]]
    assert seen == [item["frame_id"] for item in at_once["items"]]
    assert len(set(seen)) == len(seen) == 12


async def test_a_table_gives_the_columns_asked_for_with_type_and_unit(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    table = await catalog.get(
        "/objects/table",
        **{"class": "MASTER_BIAS"},
        columns="nifu, ron, DATE_OBS, is_valid, processing.recipe, header['INSTRUME'],"
        "qc['BIAS MASTER1 RON']",
    )
    assert table["rows"] == [
        [2, 3.5, "2014-06-25T00:01:11.448000+00:00", "unknown", "muse_bias", "MUSE", 2.46]
    ]  # fmt: skip
    names = [(one["name"], one["type"], one["unit"]) for one in table["columns"][:3]]
    assert names == [("nifu", "int", "1"), ("ron", "float", "count"), ("DATE_OBS", "time", "UTC")]  # fmt: skip


async def test_nobody_finds_what_is_closed_to_them(catalog: Catalog) -> None:
    await _night(catalog)
    answer = await catalog.get("/objects", caller=BORIS, q="kind == 'raw'")
    assert answer["items"] == []
    count = await catalog.get("/objects/count", caller=BORIS)
    assert count["count"] == 0


async def test_a_query_has_one_meaning_in_all_its_forms(catalog: Catalog) -> None:
    await _night(catalog)
    asked = {
        "class": "BIAS",
        "q": "ifu=2 and not tpl_expno in (1,2)",
        "order": "-night",
    }
    forms = await catalog.get("/objects/forms", **asked)
    assert forms["q"] == "ifu == 2 & ~(tpl_expno in (1, 2))"
    again = await catalog.post("/objects/forms", forms["tree"])
    assert again == forms
    by_tree = await catalog.post("/objects", {"query": forms["tree"]})
    async with catalog.client() as client:
        by_url = (await client.get(forms["url"])).json()
    assert by_tree == by_url
    assert [one["filename"] for one in by_tree["items"]] == ["bias3.fits"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "rno > 3"}, "no attribute 'rno'. Did you mean 'ron'"),
        ({"q": "nifu == 'six'"}, "ifu takes int, got str 'six'"),
        ({"q": "night == 3"}, "night takes a date (2014-01-31), got int 3"),
        ({"q": "DATE_OBS == 'today'"}, "date_obs takes a date or a time"),
        ({"q": "is_valid > 'no'"}, "is_valid is yes, no, unknown or proposed"),
        ({"q": "is_valid == 'maybe'"}, "is_valid is yes, no, unknown or proposed"),
        ({"q": "ifu ~ 'x*'"}, "ifu is no text"),
        ({"q": "header['X'] in (1, 'a')"}, "are of two types"),
        ({"q": "ifu =="}, "stands the end"),
        ({"order": "rno"}, "Did you mean 'ron'"),
        ({"class": "MASTER_BAIS"}, "MASTER_BIAS"),
        ({"after": "x"}, "`after` is not what a page gave"),
        ({"q": "made_from('00000000')"}, "no frame 00000000"),
        ({"limt": "3"}, "limt"),
    ],
)
async def test_a_query_that_cannot_be_answered_says_why(
    catalog: Catalog, asked: dict[str, str], said: str
) -> None:
    async with catalog.client() as client:
        answer = await client.get("/objects", params=asked)
    assert answer.status_code in (404, 422), answer.text
    assert said in answer.json()["detail"] + str(answer.json().get("hint"))


async def test_the_plan_of_a_query_is_shown(catalog: Catalog) -> None:
    lines = await catalog.get("/objects/explain", q="night == 2014-06-24")
    assert any("Scan" in line for line in lines)


async def test_classes_are_told_with_their_attributes(catalog: Catalog) -> None:
    classes = {one["name"]: one for one in await catalog.get("/objects/classes")}
    named = {one["name"]: one for one in classes["MASTER_BIAS"]["attributes"]}
    assert named["ron"]["unit"] == "count"
    assert named["date_obs"]["type"] == "time"
    assert "ron" not in {one["name"] for one in classes["BIAS"]["attributes"]}
