"""Questions that a project keeps under a name."""

from typing import Any

import pytest

from musecore.identity import Principal
from tests.catalog.catalog import ANNA, BORIS, Catalog
from tests.catalog.made import make_night

pytestmark = pytest.mark.asyncio

CARLA = Principal(subject="carla", name="Carla", projects={"local": 1})
PATH = "/saved/local/masters"
QUERY = {"class": "MASTER_BIAS", "q": "ron < 3", "order": "-ron", "columns": "ifu, ron"}


async def _send(
    catalog: Catalog, method: str, body: Any, caller: Principal = ANNA
) -> Any:
    async with catalog.client(caller) as client:
        answer = await client.request(method, PATH, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def test_a_saved_query_is_shared_in_its_project_and_nowhere_else(
    catalog: Catalog,
) -> None:
    made = await _send(catalog, "POST", {**QUERY, "doc": "usual ones"})
    assert (made["version"], made["owner"], made["doc"]) == (1, "anna", "usual ones")
    assert await catalog.get(PATH, CARLA) == made
    assert await catalog.get("/saved", CARLA, project="local") == [made]
    assert (made["q"], made["order"]) == ("ron < 3", "-ron")
    assert made["url"].startswith("/objects?class=MASTER_BIAS&q=ron+%3C+3")
    assert await catalog.get("/saved", BORIS) == []
    status, said = await catalog.refused("GET", PATH, caller=BORIS)
    assert (status, said.split(".")[0]) == (404, "local keeps no query 'masters'")
    status, _ = await catalog.refused("POST", PATH, QUERY, BORIS)
    assert status == 403


async def test_a_saved_query_is_asked_by_its_url(catalog: Catalog) -> None:
    night = await make_night(catalog)
    await _send(catalog, "POST", QUERY)
    page = await catalog.get(f"{PATH}/objects", CARLA)
    assert [one["frame_id"] for one in page["items"]] == [night.master]
    table = await catalog.get(f"{PATH}/table")
    assert table["rows"] == [[2, 2.46]]
    assert (await catalog.get(f"{PATH}/count"))["count"] == 1


async def test_a_name_is_taken_once(catalog: Catalog) -> None:
    await _send(catalog, "POST", QUERY)
    status, said = await catalog.refused("POST", PATH, QUERY, CARLA)
    assert status == 409
    assert "local keeps a query 'masters' already" in said


async def test_who_replaces_a_query_must_have_seen_the_newest(
    catalog: Catalog,
) -> None:
    await _send(catalog, "POST", QUERY)
    new = {**QUERY, "q": "ron < 4", "expect": 1}
    replaced = await _send(catalog, "PUT", new, CARLA)
    assert (replaced["version"], replaced["q"]) == (2, "ron < 4")
    assert (replaced["owner"], replaced["changed_by"]) == ("anna", "carla")
    status, said = await catalog.refused("PUT", PATH, new)
    assert status == 409
    assert "changed by someone else meanwhile. Look at it and pass expect=2." in said
    assert (await catalog.get(PATH))["version"] == 2


async def test_only_the_owner_deletes_a_query(catalog: Catalog) -> None:
    await _send(catalog, "POST", QUERY)
    status, said = await catalog.refused("DELETE", PATH, caller=CARLA)
    assert (status, "is not yours" in said) == (403, True)
    await _send(catalog, "DELETE", None)
    assert (await catalog.refused("GET", PATH))[0] == 404


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        (PATH, {"q": "rno < 3"}, "no attribute 'rno'"),
        (PATH, {"q": "ron <"}, "ron <"),
        (PATH, {"class": "MASTER_BAIS"}, "MASTER_BAIS"),
        (PATH, {"order": "rno"}, "no attribute 'rno'"),
        (PATH, {"q": "filename == 'a\x00'"}, "cannot be kept"),
        (PATH, {"doc": "a\x00"}, "cannot be kept"),
        (PATH, {"projects": "local,a\x00"}, ""),
        (PATH, {"columns": "header['a\x00']"}, ""),
        ("/saved/local/two words", {}, "path.name: String should match pattern"),
    ],
)
async def test_what_cannot_be_asked_is_not_kept(
    catalog: Catalog, path: str, change: dict[str, str], said: str
) -> None:
    async with catalog.client() as client:
        answer = await client.post(path, json={**QUERY, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert await catalog.get("/saved") == []
