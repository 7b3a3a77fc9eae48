"""Headers that are registered without their files."""

from typing import Any

import pytest

from muse_catalog.models import RegisterRequest, RowToRegister
from muse_catalog.service import Readers, Rows
from musecore.muse.schema import load
from tests.catalog.catalog import ANNA, Catalog, scanned
from tests.catalog.frames import make_product, make_raw

pytestmark = pytest.mark.asyncio


def _row(
    content: bytes, name: str, kind: str, *, lines: bool = False
) -> dict[str, Any]:
    """Give a row with all headers of a file, in one text or card by card."""
    texts = [hdu.cards_text for hdu in scanned(content).hdus]
    if lines:
        texts = [
            "\n".join(text[at : at + 80].rstrip() for at in range(0, len(text), 80))
            for text in texts
        ]
    return {"name": name, "kind": kind, "header": texts}


async def _register(catalog: Catalog, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"project": "local", "rows": list(rows)}
    return list(await catalog.post("/register", body))


async def test_a_header_comes_back_card_for_card(catalog: Catalog) -> None:
    content = make_raw(1, ifus=(1, 2))
    [done] = await _register(catalog, _row(content, "bias1.fits", "raw"))
    assert (done["state"], done["tag"]) == ("registered", "BIAS")
    frames = (await catalog.get("/frames", file_id=done["file_id"]))["items"]
    assert [one["ifu"] for one in frames] == [1, 2]
    assert {one["state"] for one in frames} == {"METADATA_ONLY"}
    header = await catalog.get(f"/frames/{done['frame_id']}/header")
    cards = [
        [card.keyword, card.value, card.comment]
        for card in scanned(content).hdus[1].header.cards
    ]
    assert header["hdus"][1]["cards"] == cards
    found = await catalog.get(
        "/objects", q="header['ESO DET CHIP ID', 'CHAN02'] == 'egeria2'"
    )
    assert len(found["items"]) == 2
    [event] = await catalog.ingested()
    assert [one.ifu for one in event.frames] == [1, 2]


async def test_cards_one_in_a_line_are_the_same(catalog: Catalog) -> None:
    content = make_raw(1)
    [first] = await _register(catalog, _row(content, "bias1.fits", "raw", lines=True))
    header = await catalog.get(f"/frames/{first['frame_id']}/header")
    assert ["ESO DPR TYPE", "BIAS", ""] in header["hdus"][0]["cards"]
    [again] = await _register(catalog, _row(content, "bias1.fits", "raw", lines=True))
    assert (again["state"], again["frame_id"]) == ("known", first["frame_id"])


async def test_a_product_brings_its_qc_values(catalog: Catalog) -> None:
    content = make_product(**{"ESO QC BIAS MASTER1 RON": (2.5, "[count] noise")})
    [done] = await _register(catalog, _row(content, "MASTER_BIAS-03.fits", "product"))
    [qc] = await catalog.get(f"/frames/{done['frame_id']}/qc")
    assert (qc["name"], qc["value"], qc["unit"]) == (
        "QC BIAS MASTER1 RON",
        2.5,
        "count",
    )
    found = await catalog.get("/objects", q="ron == 2.5")
    assert [one["frame_id"] for one in found["items"]] == [done["frame_id"]]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["SIMPLE  = T"], "has 11 columns, no multiple of 80"),
        (["no header".ljust(80)], "begins with 'no header"),
        (["SIMPLE  = T\n" + "x" * 81], "has a line of 81 columns"),
        (["SIMPLE  = T".ljust(80) + "OBJECT  = '\x00'".ljust(80)], "in card 2"),
        (["SIMPLE  = T".ljust(80), "SIMPLE  = T".ljust(80)], "'XTENSION='"),
    ],
)
async def test_a_text_that_is_no_header_is_refused_with_the_place(
    catalog: Catalog, header: list[str], said: str
) -> None:
    good = _row(make_raw(1), "bias1.fits", "raw")
    odd = {"name": "odd.fits", "kind": "raw", "header": header}
    refused, done = await _register(catalog, odd, good)
    assert refused["state"] == "refused"
    assert said in refused["detail"]
    assert "80 columns" in refused["detail"]
    assert done["state"] == "registered"
    [refusal] = await catalog.get("/refusals")
    assert refusal["filename"] == "odd.fits"


async def test_a_row_has_keywords_or_a_header(catalog: Catalog) -> None:
    row = {"name": "x", "kind": "raw", "keywords": {"A": 1}, "header": ["x"]}
    async with catalog.client() as client:
        body = {"project": "local", "rows": [row]}
        answer = await client.post("/register", json=body)
    assert answer.status_code == 422
    assert "not both" in answer.json()["detail"]


@pytest.mark.parametrize(
    "part", ['"keywords": {"OBJECT": "\\ud800"}', '"header": ["\\ud800"]']
)
async def test_half_a_sign_is_refused(catalog: Catalog, part: str) -> None:
    row = f'{{"name": "x", "kind": "raw", {part}}}'
    body = f'{{"project": "local", "rows": [{row}]}}'
    headers = {"Content-Type": "application/json"}
    async with catalog.client() as client:
        answer = await client.post("/register", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "nicode" in answer.json()["detail"]


async def test_many_headers_are_read_in_other_processes(catalog: Catalog) -> None:
    text = scanned(make_raw(1)).hdus[0].cards_text
    rows = [
        RowToRegister(name=f"bias-{n}.fits", kind="raw", header=(text,))
        for n in range(1_200)
    ]
    model = load()
    readers = Readers(model, processes=1)
    try:
        service = Rows(catalog.database, model, readers)
        request = RegisterRequest(project="local", rows=[*rows, rows[0]])
        done = await service.register(ANNA, request)
    finally:
        readers.close()
    assert [one.state for one in done] == ["registered"] * 1_200 + ["known"]
    assert [one.name for one in done[:-1]] == [row.name for row in rows]
    assert (await catalog.get("/objects/count"))["count"] == 1_200
