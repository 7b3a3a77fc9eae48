"""Lineage in both directions: as tree, table, graph and text for drawing."""

import pytest

from tests.catalog.catalog import BORIS, Catalog, finished, product, used
from tests.catalog.frames import make_product
from tests.catalog.made import make_many, make_master, make_night

pytestmark = pytest.mark.asyncio


async def test_a_tree_goes_down_to_all_that_was_made_of_a_raw_frame(
    catalog: Catalog,
) -> None:
    made = await make_night(catalog)
    path = f"/frames/{made.raw[0]}/lineage"
    tree = await catalog.get(path, direction="down")
    [master] = tree["used_by"]
    assert (master["tag"], master["frame"]["frame_id"]) == ("BIAS", made.master)
    assert [one["frame"]["frame_id"] for one in master["used_by"]] == made.tables
    first, second = ([*one["used_by"]] for one in master["used_by"])
    assert first[0]["frame"]["frame_id"] == made.cube
    assert first[0]["task"]["recipe"] == "muse_scipost"
    assert second[0]["ref"] == made.cube
    assert tree["inputs"] == master["inputs"] == []


async def test_only_what_used_that_ifu_is_made_of_it(catalog: Catalog) -> None:
    made = await make_night(catalog)
    path = f"/frames/{made.other_ifu}/lineage/table"
    assert await catalog.get(path, direction="down") == []


async def test_a_question_about_kin_is_one_about_that_ifu(catalog: Catalog) -> None:
    made = await make_night(catalog)
    for raw, users in ((made.raw[0], 4), (made.other_ifu, 0)):
        found = await catalog.get("/objects/count", q=f"made_from('{raw}')")
        assert found["count"] == users
    found = await catalog.get("/objects", q=f"used_by('{made.cube}')")
    ancestors = {one["frame_id"] for one in found["items"]}
    assert ancestors == {*made.raw, made.master, *made.tables}
    near = await catalog.get("/objects", q=f"used_by('{made.cube}', 2)")
    assert {one["frame_id"] for one in near["items"]} == ancestors - set(made.raw)


@pytest.mark.parametrize("direction", ["up", "down"])
async def test_a_table_has_each_frame_once_in_each_role_nearest_first(
    catalog: Catalog, direction: str
) -> None:
    made = await make_night(catalog)
    root = made.cube if direction == "up" else made.raw[0]
    path = f"/frames/{root}/lineage/table"
    rows = await catalog.get(path, direction=direction)
    found = [(one["depth"], one["role"], one["frame"]["frame_id"]) for one in rows]
    tables = [("PIXTABLE_OBJECT", one) for one in made.tables]
    if direction == "up":
        wanted = [(1, *one) for one in tables]
        wanted += [(2, "MASTER_BIAS", made.master)]
        wanted += [(3, "BIAS", one) for one in made.raw]
        assert sorted(found) == sorted(wanted)
        wanted = sorted(found, key=lambda one: one[0])
    else:
        wanted = [(1, "BIAS", made.master)]
        wanted += [(2, "MASTER_BIAS", one) for one in made.tables]
        wanted += [(3, "PIXTABLE_OBJECT", made.cube)]
    assert found == wanted
    near = await catalog.get(path, direction=direction, depth=1)
    assert near == [one for one in rows if one["depth"] == 1]


async def test_a_graph_is_the_same_from_both_ends(catalog: Catalog) -> None:
    made = await make_night(catalog)
    up = await catalog.get(f"/frames/{made.cube}/lineage/graph")
    assert (up["root"], len(up["nodes"])) == (made.cube, 7)

    def edges(graph: dict[str, list[dict[str, object]]]) -> set[tuple[object, ...]]:
        return {(one["input"], one["product"], one["role"]) for one in graph["edges"]}

    assert len(edges(up)) == 3 + 2 + 2
    down = {
        edge
        for raw in made.raw
        for edge in edges(
            await catalog.get(f"/frames/{raw}/lineage/graph", direction="down")
        )
    }
    assert down == edges(up)


@pytest.mark.parametrize(
    ("language", "begin", "arrow"),
    [("dot", "digraph lineage {", "->"), ("mermaid", "flowchart LR", "-->")],
)
async def test_a_graph_is_drawn_by_graphviz_and_mermaid(
    catalog: Catalog, language: str, begin: str, arrow: str
) -> None:
    made = await make_night(catalog)
    async with catalog.client() as client:
        answer = await client.get(
            f"/frames/{made.cube}/lineage/text", params={"language": language}
        )
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0] == begin
    assert sum(arrow in line for line in lines) == 7
    assert sum("MASTER_BIAS-02.fits" in line for line in lines) == 1


async def test_what_was_made_in_a_project_of_others_is_not_shown(
    catalog: Catalog,
) -> None:
    _, master = await make_master(catalog)
    content = make_product("PIXTABLE_OBJECT")
    table = product(content, "PIXTABLE-02.fits", "PIXTABLE_OBJECT", 2)
    task = finished(
        "muse_scibasic",
        [used(master, "MASTER_BIAS", 2)],
        [table],
        2,
        project="udf",
        owner="boris",
    )
    await catalog.tell(task)
    path = f"/frames/{master.product_id}/lineage"
    assert (await catalog.get(path, direction="down"))["used_by"] == []
    body = {
        "reason": "noise",
        "edits": [{"frame_id": str(master.product_id), "is_valid": "no"}],
        "dry_run": True,
    }
    said = await catalog.post("/quality/batch", body)
    assert said["text"] == (
        "no products made of these, and 1 in projects that you cannot see"
    )
    seen = await catalog.get(f"/frames/{table.product_id}/lineage", BORIS)
    assert seen["inputs"][0]["frame"]["frame_id"] is None


async def test_a_frame_of_which_20000_were_made_is_no_trouble(catalog: Catalog) -> None:
    cubes = await make_many(catalog, 20_000)
    [master] = (await catalog.get("/frames", tag="MASTER_BIAS"))["items"]
    path = f"/frames/{master['frame_id']}/lineage/graph"
    graph = await catalog.get(path, direction="down")
    assert {one["id"] for one in graph["nodes"]} >= set(cubes)
    body = {
        "reason": "all of them",
        "edits": [{"frame_id": one, "is_valid": "no"} for one in cubes[:10_000]],
    }
    await catalog.post("/quality/batch", body)
    body["edits"] = [{"frame_id": master["frame_id"], "is_valid": "no"}]
    said = await catalog.post("/quality/batch", body)
    assert said["text"] == "10003 products made of these"
