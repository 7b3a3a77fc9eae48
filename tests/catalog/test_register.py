"""Frames that are known by their metadata only."""

import asyncio
import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.catalog import BORIS, Catalog
from tests.catalog.frames import raw_keywords

pytestmark = pytest.mark.asyncio

NO_KEYWORDS = {"name", "tag", "night"}


def rows_of(path: Path, kind: str) -> list[dict[str, Any]]:
    """Give the rows of a table, every keyword as the table names and writes it."""
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    return [
        {
            "name": row["name"],
            "kind": kind,
            "tag": row.get("tag") or None,
            "keywords": {k: v for k, v in row.items() if k not in NO_KEYWORDS},
        }
        for row in table
    ]


def _row(**changes: Any) -> dict[str, Any]:
    keywords = raw_keywords(1, **{"ESO TPL NEXP": None, **changes})
    return {"name": "bias 1", "kind": "raw", "keywords": keywords}


async def _register(
    catalog: Catalog, *rows: dict[str, Any], project: str = "local"
) -> list[dict[str, Any]]:
    found = await catalog.post("/register", {"project": project, "rows": list(rows)})
    return list(found)


async def test_a_row_becomes_a_frame_without_bytes(catalog: Catalog) -> None:
    [done] = await _register(catalog, _row())
    assert (done["state"], done["tag"]) == ("registered", "BIAS")
    frame = await catalog.get(f"/frames/{done['frame_id']}")
    assert (frame["state"], frame["ifu"], frame["size"]) == ("METADATA_ONLY", None, 0)
    assert frame["quality_flags"] == []
    [event] = await catalog.ingested()
    assert (event.object_key, event.tag, event.kind) == (None, "BIAS", "raw")
    assert [one.ifu for one in event.frames] == [None]
    header = await catalog.get(f"/frames/{done['frame_id']}/header")
    assert ["ESO DPR TYPE", "BIAS", ""] in header["hdus"][0]["cards"]


async def test_registering_again_changes_nothing(catalog: Catalog) -> None:
    [first] = await _register(catalog, _row())
    [again] = await _register(catalog, _row())
    assert again["state"] == "known"
    assert again["frame_id"] == first["frame_id"]
    assert len(await catalog.ingested()) == 1


async def test_the_same_rows_sent_at_once_are_registered_once(catalog: Catalog) -> None:
    rows = [{**_row(**{"ESO DET SEQ": n}), "name": f"bias {n}"} for n in range(40)]
    sent = await asyncio.gather(*(_register(catalog, *rows) for _ in range(4)))
    states = Counter(one["state"] for answer in sent for one in answer)
    assert states == {"registered": 40, "known": 120}
    assert len({one["frame_id"] for answer in sent for one in answer}) == 40


async def test_the_spelling_and_order_of_keywords_make_no_difference(
    catalog: Catalog,
) -> None:
    def respelt(prefix: str, between: str) -> dict[str, Any]:
        keywords = {"TEL_MOON_RA": ""}
        for name, value in reversed(_row()["keywords"].items()):
            words = name.removeprefix("ESO ").split(" ")
            single = len(words) == 1
            keywords[name if single else prefix + between.join(words)] = value
        return {**_row(), "keywords": keywords}

    states = await _register(
        catalog,
        _row(),
        respelt("", "_"),
        respelt("", "."),
        respelt("HIERARCH ESO ", " "),
    )
    assert [one["state"] for one in states] == ["registered"] + ["known"] * 3


async def test_a_refused_row_does_not_stop_the_others(catalog: Catalog) -> None:
    odd = {**_row(**{"ESO DPR TYPE": "COFFEE"}), "name": "odd"}
    bad, good = await _register(catalog, odd, _row())
    assert (bad["state"], bad["code"]) == ("refused", "no_class")
    assert "COFFEE" in bad["detail"]
    assert good["state"] == "registered"
    [refusal] = await catalog.get("/refusals")
    assert (refusal["filename"], refusal["file_id"]) == ("odd", None)


async def test_a_stranger_registers_nothing(catalog: Catalog) -> None:
    async with catalog.client(BORIS) as client:
        answer = await client.post("/register", json={"project": "local", "rows": []})
    assert answer.status_code == 403


async def test_the_143_real_frames_are_registered(
    catalog: Catalog, ic4406: Path
) -> None:
    rows = rows_of(ic4406 / "raw.csv", "raw")
    done = await _register(catalog, *rows)
    assert {one["state"] for one in done} == {"registered"}
    counts: dict[str, int] = {}
    for one in done:
        counts[one["tag"]] = counts.get(one["tag"], 0) + 1
    assert sum(counts.values()) == 143
    assert counts["OBJECT"] == 6
    again = await _register(catalog, *rows)
    assert {one["state"] for one in again} == {"known"}
    assert len(await catalog.ingested()) == 143


async def test_the_nights_of_the_real_frames_are_those_of_the_table(
    catalog: Catalog, ic4406: Path
) -> None:
    path = ic4406 / "raw.csv"
    await _register(catalog, *rows_of(path, "raw"))
    with path.open(newline="") as file:
        truth = {row["ARCFILE"]: row["night"] for row in csv.DictReader(file)}
    frames = (await catalog.get("/frames", limit=1000))["items"]
    assert {one["arcfile"]: one["night"] for one in frames} == truth


async def test_a_template_without_a_number_of_exposures_is_complete(
    catalog: Catalog, ic4406: Path
) -> None:
    await _register(catalog, *rows_of(ic4406 / "raw.csv", "raw"))
    sets = await catalog.get("/sets")
    assert all(one["complete"] and one["nexp"] is None for one in sets)
    assert sum(one["n"] for one in sets) == 143


async def test_real_statics_are_known_by_tag_or_refused_with_the_reason(
    catalog: Catalog, ic4406: Path
) -> None:
    done = await _register(catalog, *rows_of(ic4406 / "statics.csv", "static"))
    assert len(done) == 12
    refused = [one for one in done if one["state"] == "refused"]
    assert len(refused) == 3
    assert {one["code"] for one in refused} == {"no_product_category"}
    assert {one["tag"] for one in done} - {None} == {
        "LINE_CATALOG",
        "SKY_LINES",
        "VIGNETTING_MASK",
        "ASTROMETRY_REFERENCE",
        "BADPIX_TABLE",
        "GEOMETRY_TABLE",
        "ASTROMETRY_WCS",
        "LSF_PROFILE",
    }
    assert len(await catalog.get("/refusals")) == 3
    statics = (await catalog.get("/frames", kind="static"))["items"]
    by_tag = {one["tag"]: one["keywords"] for one in statics}
    for tag in ("GEOMETRY_TABLE", "ASTROMETRY_WCS"):
        assert by_tag[tag]["static_epoch"] == "170422A"
        assert by_tag[tag]["field"] == "WFM"
