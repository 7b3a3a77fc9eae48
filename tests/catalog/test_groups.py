"""Groups, facets and places by name: what is counted, in which order, what is refused."""

from typing import Any

import pytest

from tests.catalog.catalog import BORIS, Catalog
from tests.catalog.frames import make_object, make_raw
from tests.catalog.test_objects import _night

pytestmark = pytest.mark.asyncio


async def _rows(catalog: Catalog, **asked: Any) -> list[list[Any]]:
    table = await catalog.get("/objects/table", **asked)
    return list(table["rows"])


async def test_objects_are_counted_by_what_they_have_in_common(
    catalog: Catalog,
) -> None:
    await _night(catalog)
    rows = await _rows(
        catalog,
        group="class",
        agg="n=count, shortest=min(exptime), mean(exptime), first=min(DATE_OBS), "
        "ron=max(ron), target=max(target)",
        order="-n, class",
    )
    assert [row[:4] for row in rows] == [
        ["BIAS", 6, 0.0, 0.0],
        ["OBJECT", 4, 600.0, 750.0],
        ["DATACUBE_FINAL", 1, 0.0, 0.0],
        ["MASTER_BIAS", 1, 0.0, 0.0],
    ]
    assert rows[0][4] == "2014-06-25T00:01:11.448000+00:00"
    assert [row[5] for row in rows] == [None, None, None, 3.5]
    assert rows[1][6] == "HDFS"


async def test_median_and_deviation_are_those_of_the_values(catalog: Catalog) -> None:
    await catalog.tell(
        *(
            message
            for n, seconds in enumerate([10.0, 20.0, 60.0])
            for message in [_exposure(n, seconds)]
        )
    )
    [row] = await _rows(
        catalog,
        q="ifu == 1",
        agg="n=count, median(exptime), mean(exptime), stddev(exptime), "
        "k=count(is_valid), o=mean(header['ESO OBS ID'])",
    )
    assert row[:3] == [3, 20.0, 30.0]
    assert row[3] == pytest.approx(26.4575, abs=1e-4)
    assert row[4] == 0
    assert row[5] > 0


def _exposure(n: int, seconds: float) -> Any:
    from tests.catalog.catalog import stored

    return stored(make_object(10 + n, EXPTIME=seconds), f"o{n}.fits")


async def test_groups_come_page_by_page_each_once(catalog: Catalog) -> None:
    await _night(catalog)
    asked = {"group": "ron, ifu, header['ESO INS OPTI1 NAME']", "agg": "n=count"}
    whole = await _rows(catalog, **asked, order="-ron, n")
    assert [row[0] for row in whole] == [3.5] + [None] * (len(whole) - 1)
    assert None in {row[1] for row in whole}
    seen: list[list[Any]] = []
    after = None
    while True:
        more = {} if after is None else {"after": after}
        page = await catalog.get(
            "/objects/table", **asked, order="-ron, n", limit=1, **more
        )
        seen += page["rows"]
        after = page["next"]
        if after is None:
            break
    assert seen == whole
    assert len({str(row[:3]) for row in seen}) == len(seen)


async def test_groups_say_type_and_unit_of_their_columns(catalog: Catalog) -> None:
    table = await catalog.get(
        "/objects/table", group="nifu", agg="n=count, worst=max(ron), median(fwhm)"
    )
    told = [(one["name"], one["type"], one["unit"]) for one in table["columns"]]
    assert told == [
        ("nifu", "int", "1"),
        ("n", "int", None),
        ("worst", "float", "count"),
        ("median_fwhm", "float", "arcsec"),
    ]


async def test_groups_have_one_meaning_in_all_their_forms(catalog: Catalog) -> None:
    await _night(catalog)
    asked = {"class": "BIAS", "group": "nifu", "agg": "count, max(EXPTIME)"}
    forms = await catalog.get("/objects/forms", **asked, order="-count")
    assert forms["agg"] == "count=count, max_EXPTIME=max(EXPTIME)"
    assert await catalog.post("/objects/forms", forms["tree"]) == forms
    by_tree = await catalog.post("/objects/table", {"query": forms["tree"]})
    async with catalog.client() as client:
        by_url = (await client.get(forms["url"])).json()
    assert by_tree == by_url
    assert by_tree["rows"] == [[1, 3, 0.0], [2, 3, 0.0]]


async def test_nobody_counts_what_is_closed_to_them(catalog: Catalog) -> None:
    await _night(catalog)
    table = await catalog.get("/objects/table", caller=BORIS, agg="n=count")
    assert table["rows"] == [[0]]


async def test_facets_give_the_most_frequent_values_first(catalog: Catalog) -> None:
    await _night(catalog)
    found = await catalog.get(
        "/objects/facets", q="kind == 'raw'", columns="class, target, nifu", limit=2
    )
    told = {
        one["attribute"]["name"]: [(v["value"], v["count"]) for v in one["values"]]
        for one in found
    }
    assert told["class"] == [("BIAS", 6), ("OBJECT", 4)]
    assert told["target"][0] == ("CALIB", 6)
    assert [one["more"] for one in found] == [False, True, False]


async def test_a_place_is_found_by_the_name_of_its_target(catalog: Catalog) -> None:
    await _night(catalog)
    for q in ("near('HDFS', 1 arcmin)", "near('hdfs')", "~near('Abell 478', 1 deg)"):
        answer = await catalog.get("/objects", q=f"{q} & class == 'OBJECT'")
        assert {one["filename"] for one in answer["items"]} == {"hdfs.fits"}, q


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "near('HFDS')", "agg": "count"}, "Nothing called 'HFDS' was pointed at. Did you mean 'HDFS'"),
        ({"q": "near('SKY')", "agg": "count"}, "'SKY' are more than half a degree apart"),
        ({"agg": "mean(target)"}, "obs_targ_name is no number (str): it has no mean"),
        ({"agg": "n=count, n=max(ron)"}, "Two aggregates are called 'n'"),
        ({"agg": "n=count", "columns": "ron"}, "A query of groups has no columns"),
        ({"group": "nifu"}, "nothing that is asked of them"),
        ({"group": "nifu", "agg": "nifu=count"}, "'nifu' is both a group and an aggregate"),
        ({"group": "nifu", "agg": "number=count", "order": "-numbr"}, "Did you mean 'number'?"),
        ({"group": "nifu", "agg": "n=count", "order": "ron"}, "cannot be ordered by 'ron'"),
        ({"agg": "max(rno)"}, "Did you mean 'ron'"),
        ({"agg": "n=count", "after": "WzFd"}, "`after` is not what a page gave"),
    ],
)  # fmt: skip
async def test_what_cannot_be_grouped_says_why(
    catalog: Catalog, asked: dict[str, str], said: str
) -> None:
    await _night(catalog)
    from tests.catalog.catalog import stored

    here = stored(make_object(60, "SKY", RA=10.0, DEC=10.0), "s1.fits")
    there = stored(make_object(70, "SKY", RA=200.0, DEC=-10.0), "s2.fits")
    await catalog.tell(here, there, stored(make_raw(8), "b.fits"))
    async with catalog.client() as client:
        answer = await client.get("/objects/table", params=asked)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"] + str(answer.json()["hint"])
