"""Asking for frames: filters, pages, ids, headers, validity."""

from pathlib import Path

import httpx
import pytest
from astropy.io import fits

from musecore.messages import FrameChanged
from tests.catalog.catalog import BORIS, Catalog, stored
from tests.catalog.frames import make_object, make_product, make_raw

pytestmark = pytest.mark.asyncio


async def _night(catalog: Catalog) -> None:
    await catalog.tell(
        *(stored(make_raw(n, ifus=(1, 2, 3)), f"bias{n}.fits") for n in (1, 2, 3)),
        stored(make_object(40, ifus=(1, 2)), "object.fits"),
        stored(make_product("SKY_LINES"), "sky.fits"),
    )


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 12),
        ({"tag": "BIAS"}, 9),
        ({"tag": "BIAS", "ifu": 2}, 3),
        ({"kind": "raw"}, 11),
        ({"kind": "static"}, 1),
        ({"target": "HDFS"}, 2),
        ({"night": "2014-06-24"}, 12),
        ({"night": "2014-06-25"}, 0),
        ({"filename": "bias2.fits"}, 3),
        ({"arcfile": "MUSE.2014-06-25T00:40:11.448.fits"}, 2),
        ({"ins_mode": "WFM-NOAO-N", "ifu": 3}, 3),
        ({"tpl_start": "2014-06-25T00:00:01", "kind": "raw"}, 9),
        ({"project": "udf"}, 0),
        ({"is_valid": False}, 0),
    ],
)
async def test_frames_are_found_by_what_is_asked(
    catalog: Catalog, asked: dict[str, object], count: int
) -> None:
    await _night(catalog)
    assert len((await catalog.get("/frames", **asked))["items"]) == count


async def test_an_unknown_filter_is_refused(catalog: Catalog) -> None:
    async with catalog.client() as client:
        answer = await client.get("/frames", params={"dpr_tpye": "BIAS"})
    assert answer.status_code == 422
    assert "dpr_tpye" in answer.json()["detail"]


async def test_pages_give_every_frame_once(catalog: Catalog) -> None:
    await _night(catalog)
    seen: list[str] = []
    after = None
    while True:
        params = {"limit": 5} | ({"after": after} if after else {})
        page = await catalog.get("/frames", **params)
        seen += [one["frame_id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 12
    assert seen == sorted(seen)


async def test_the_beginning_of_an_id_is_enough(catalog: Catalog) -> None:
    await catalog.put(make_raw(ifus=(5,)), "a.fits")
    [frame] = (await catalog.get("/frames"))["items"]
    for text in (frame["frame_id"][:8], frame["frame_id"][:18], frame["frame_id"]):
        assert (await catalog.get(f"/frames/{text}"))["frame_id"] == frame["frame_id"]


async def test_an_ambiguous_beginning_names_the_candidates(catalog: Catalog) -> None:
    await catalog.put(make_raw(ifus=(5, 6)), "a.fits")
    one, two = (await catalog.get("/frames"))["items"]
    async with catalog.client() as client:
        answer = await client.get(f"/frames/{one['frame_id'][:8]}")
    assert (answer.status_code, answer.json()["code"]) == (409, "frame_ambiguous")
    assert one["frame_id"] in answer.json()["detail"]
    assert two["frame_id"] in answer.json()["detail"]


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("0198", 422, "frame_id_invalid"),
        ("not-an-id", 422, "frame_id_invalid"),
        ("00000000-0000-7000", 404, "frame_not_found"),
    ],
)
async def test_an_id_that_is_none_is_told_apart_from_one_that_is_unknown(
    catalog: Catalog, text: str, status: int, code: str
) -> None:
    async with catalog.client() as client:
        answer = await client.get(f"/frames/{text}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nothing_is_told_without_a_token(catalog: Catalog) -> None:
    transport = httpx.ASGITransport(catalog.service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://c") as client:
        for path in ("/frames", "/sets", "/nights", "/refusals"):
            assert (await client.get(path)).status_code == 401


async def test_sets_are_those_of_the_callers_projects(catalog: Catalog) -> None:
    await _night(catalog)
    assert [one["tag"] for one in await catalog.get("/sets")] == ["BIAS", "OBJECT"]
    assert [one["n"] for one in await catalog.get("/sets", tag="BIAS")] == [3]
    assert await catalog.get("/sets", BORIS) == []


async def test_headers_of_every_extension_come_back_card_for_card(
    catalog: Catalog,
) -> None:
    content = make_raw(ifus=(1, 13))
    await catalog.put(content, "a.fits")
    [frame, _] = (await catalog.get("/frames"))["items"]
    header = await catalog.get(f"/frames/{frame['frame_id']}/header")
    assert [one["extname"] for one in header["hdus"]] == ["", "CHAN01", "CHAN13"]
    truth = fits.HDUList.fromstring(content)
    for one, hdu in zip(header["hdus"], truth, strict=True):
        assert len(one["cards"]) == len(hdu.header.cards)
        for (keyword, value, comment), card in zip(
            one["cards"], hdu.header.cards, strict=True
        ):
            assert keyword.removeprefix("HIERARCH ") == card.keyword
            assert (value, comment) == (card.value, card.comment)


async def test_one_hdu_is_given_where_one_is_asked(catalog: Catalog) -> None:
    await catalog.put(make_raw(ifus=(1, 13)), "a.fits")
    [frame, _] = (await catalog.get("/frames"))["items"]
    path = f"/frames/{frame['frame_id']}/header"
    [hdu] = (await catalog.get(path, hdu=2))["hdus"]
    assert (hdu["index"], hdu["extname"]) == (2, "CHAN13")
    async with catalog.client() as client:
        answer = await client.get(path, params={"hdu": 3})
    assert (answer.status_code, answer.json()["code"]) == (404, "hdu_not_found")


async def test_a_real_header_of_1696_cards_comes_back_as_it_was(
    catalog: Catalog, ic4406: Path
) -> None:
    path = ic4406 / "header-1696-cards.fits"
    content = path.read_bytes()
    await catalog.put(content, "IMAGE_FOV_0001.fits")
    [frame] = (await catalog.get("/frames"))["items"]
    assert (frame["kind"], frame["tag"]) == ("product", "IMAGE_FOV")
    # The last generation made it, whatever the order of the cards.
    assert frame["recipe"] == "muse_scipost"
    assert frame["ins_mode"] == "WFM-AO-N"
    assert frame["target"] == "IC4406"
    # DATE-OBS is cut to whole seconds; MJD-OBS has the rest.
    assert frame["date_obs"] == "2017-06-16T01:34:56.000"
    assert frame["mjd_us"] % 1_000_000 // 1000 in {866, 867, 868}
    async with catalog.client() as client:
        address = f"/frames/{frame['frame_id']}/header"
        answer = await client.get(address, headers={"Accept": "text/plain"})
    first, *_ = answer.text.split("END".ljust(80))
    cards = first.rstrip("\n").split("\n")
    assert "".join(cards) == content[: len(cards) * 80].decode("latin-1")
    whole = await catalog.get(f"/frames/{frame['frame_id']}/header", hdu=0)
    assert len(whole["hdus"][0]["cards"]) == len(cards)
    assert sum(len(one) == 80 for one in answer.text.split("\n")) >= 1696


async def test_what_people_say_of_a_frame_is_kept_and_told(catalog: Catalog) -> None:
    await catalog.put(make_raw(ifus=(1, 2)), "a.fits")
    frame, other = (await catalog.get("/frames"))["items"]
    path = f"/frames/{frame['frame_id']}"
    async with catalog.client() as client:
        for is_valid, reason in ((False, "light leak"), (True, "looked again")):
            body = {"is_valid": is_valid, "reason": reason}
            answer = await client.patch(path, json=body)
            assert answer.status_code == 200
    assert answer.json()["is_valid"] == "yes"
    assert answer.json()["is_valid_reason"] == "looked again"
    history = await catalog.get(f"{path}/validity")
    assert [(one["is_valid"], one["reason"], one["by"]) for one in history] == [
        ("no", "light leak", "anna"),
        ("yes", "looked again", "anna"),
    ]
    untouched = await catalog.get(f"/frames/{other['frame_id']}")
    assert untouched["is_valid"] == "unknown"
    said = [one for one in await catalog.heard() if isinstance(one, FrameChanged)]
    assert [(one.is_valid, one.reason) for one in said] == [
        (False, "light leak"),
        (True, "looked again"),
    ]
    assert [str(one) for one in said[0].frame_ids] == [frame["frame_id"]]


async def test_a_verdict_needs_a_reason_and_membership(catalog: Catalog) -> None:
    await catalog.put(make_product("SKY_LINES"), "sky.fits")
    [frame] = (await catalog.get("/frames"))["items"]
    path = f"/frames/{frame['frame_id']}"
    async with catalog.client() as client:
        answer = await client.patch(path, json={"is_valid": False})
        assert answer.status_code == 422
    async with catalog.client(BORIS) as client:
        body = {"is_valid": False, "reason": "old table"}
        answer = await client.patch(path, json=body)
    assert answer.status_code == 403
