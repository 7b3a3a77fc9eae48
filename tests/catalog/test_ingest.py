"""Taking files into the catalogue."""

from typing import Any

import pytest

from musecore.messages import FileRefused, FileUnwanted, FrameChanged
from musecore.times import uuid7
from tests.catalog.catalog import BORIS, Catalog, stored
from tests.catalog.frames import (
    as_bytes,
    make_object,
    make_product,
    make_raw,
    stamp,
)

pytestmark = pytest.mark.asyncio


async def test_a_raw_file_becomes_one_frame_for_each_ifu(catalog: Catalog) -> None:
    message = await catalog.put(make_raw(ifus=(3, 24)), f"MUSE.{stamp(1)}.fits")
    status = await catalog.status(message)
    assert (status["state"], status["tag"]) == ("registered", "BIAS")
    frames = (await catalog.get("/frames"))["items"]
    assert [(one["ifu"], one["chip_id"]) for one in frames] == [
        (3, "egeria3"),
        (24, "egeria24"),
    ]
    [one, dead] = frames
    assert (one["chip_live"], dead["chip_live"]) == (True, False)
    assert (one["kind"], one["tag"], one["state"]) == ("raw", "BIAS", "STORED")
    assert one["arcfile"] == f"MUSE.{stamp(1)}.fits"
    assert one["night"] == "2014-06-24"
    assert one["mjd_us"] == 56833 * 86_400_000_000 + 71_448_000
    assert one["exptime_s"] == 0.0
    assert one["ins_mode"] == "WFM-NOAO-N"  # the old spelling is renamed
    assert one["keywords"]["det_read_curid"] == 1
    assert one["keywords"]["ins_opti1_filter"] is True
    assert one["sha256"] == message.sha256


async def test_the_world_hears_of_a_raw_file_once(catalog: Catalog) -> None:
    message = stored(make_raw(ifus=(3, 7)), "a.fits")
    await catalog.tell(message, twice=True)
    [event] = await catalog.ingested()
    assert (event.kind, event.tag, event.night) == ("raw", "BIAS", "2014-06-24")
    assert [(one.ifu, one.chip_id) for one in event.frames] == [
        (3, "egeria3"),
        (7, "egeria7"),
    ]
    assert event.object_key == message.object_key
    assert event.keywords["tpl_nexp"] == 3


async def test_a_file_before_twenty_forty_belongs_to_the_night_before(
    catalog: Catalog,
) -> None:
    before = 56833 + (20 * 60 + 39) / 1440
    after = 56833 + (20 * 60 + 41) / 1440
    await catalog.put(make_raw(1, **{"MJD-OBS": before}), "a.fits")
    await catalog.put(make_raw(2, **{"MJD-OBS": after}), "b.fits")
    nights = await catalog.get("/nights")
    assert nights == [
        {"night": "2014-06-25", "counts": {"BIAS": 1}},
        {"night": "2014-06-24", "counts": {"BIAS": 1}},
    ]


async def test_the_same_bytes_under_another_id_are_a_twin(catalog: Catalog) -> None:
    first = await catalog.put(make_raw(), "a.fits")
    twin = await catalog.put(make_raw(), "b.fits")
    assert (await catalog.status(twin))["frames"] == (await catalog.status(first))[
        "frames"
    ]
    said = await catalog.heard()
    unwanted = [one for one in said if isinstance(one, FileUnwanted)]
    assert [one.file_id for one in unwanted] == [twin.file_id]
    assert len(await catalog.ingested()) == 1


async def test_the_same_bytes_in_another_project_are_another_record(
    catalog: Catalog,
) -> None:
    await catalog.put(make_raw(), "a.fits")
    await catalog.put(make_raw(), "a.fits", project="udf")
    assert len(await catalog.ingested()) == 2
    assert len((await catalog.get("/frames"))["items"]) == 2
    assert len((await catalog.get("/frames", BORIS))["items"]) == 2


async def test_a_raw_file_without_arcfile_is_known_by_its_name(
    catalog: Catalog,
) -> None:
    content = make_raw(ARCFILE=None)
    await catalog.put(content, "MUSE.2014-06-25T00_01_11.448.fits")
    [frame, _] = (await catalog.get("/frames"))["items"]
    assert frame["arcfile"] == "MUSE.2014-06-25T00:01:11.448.fits"


async def test_two_exposures_with_the_same_date_obs_stay_apart(
    catalog: Catalog,
) -> None:
    same = {"DATE-OBS": "2014-06-25T00:01:11.000"}
    await catalog.put(make_raw(1, **same), "a.fits")
    await catalog.put(make_raw(2, **same), "b.fits")
    frames = (await catalog.get("/frames"))["items"]
    assert len({one["arcfile"] for one in frames}) == 2
    assert len({one["mjd_us"] for one in frames}) == 2


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (make_raw(INSTRUME="UVES"), "not_muse", "UVES"),
        (make_raw(**{"ESO DPR TYPE": None}), "no_data_type", "ESO DPR TYPE"),
        (make_raw(**{"ESO DPR TYPE": "COFFEE"}), "no_class", "COFFEE"),
        (make_raw(**{"MJD-OBS": None}), "no_mjd_obs", "MJD-OBS"),
        (make_raw(ARCFILE=None), "no_exposure_id", "ARCFILE"),
        (make_raw(**{"ESO TPL START": None}), "no_template", "ESO TPL START"),
        (make_raw(ifus=()), "no_channel", "CHAN01"),
        (make_raw(**{"ESO DPR CATG": "ACQUISITION"}), "ignored_frame", "ACQUISITION"),
        (make_product("COFFEE_TABLE"), "no_class", "COFFEE_TABLE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_breaks_a_rule_is_refused_with_the_reason(
    catalog: Catalog, content: bytes, code: str, said: str
) -> None:
    message = await catalog.put(content, "odd.fits")
    good = await catalog.put(make_raw(7), "good.fits")
    status = await catalog.status(message)
    assert (status["state"], status["code"]) == ("refused", code)
    assert "odd.fits" in status["detail"]
    assert said in status["detail"]
    [refusal] = await catalog.get("/refusals")
    assert (refusal["filename"], refusal["code"]) == ("odd.fits", code)
    assert refusal["hint"]
    assert (await catalog.status(good))["state"] == "registered"
    unwanted = [one for one in await catalog.heard() if isinstance(one, FileUnwanted)]
    assert [one.file_id for one in unwanted] == [message.file_id]


async def test_a_static_without_category_and_known_name_is_refused(
    catalog: Catalog,
) -> None:
    nameless = make_product(None, OBJECT=None)
    message = await catalog.put(nameless, "calib.fits", kind="static")
    status = await catalog.status(message)
    assert (status["state"], status["code"]) == ("refused", "no_product_category")
    assert "calib.fits" in status["detail"]


async def test_a_static_is_known_by_its_category(catalog: Catalog) -> None:
    content = make_product("GEOMETRY_TABLE")
    await catalog.put(content, "MU_GEOT_170422A_geometry_table_wfm.fits")
    [frame] = (await catalog.get("/frames"))["items"]
    assert (frame["kind"], frame["tag"], frame["ifu"]) == (
        "static",
        "GEOMETRY_TABLE",
        None,
    )
    assert frame["keywords"]["static_epoch"] == "170422A"
    assert frame["keywords"]["field"] == "WFM"
    [event] = await catalog.ingested()
    assert event.kind == "static"


async def test_a_static_without_category_is_known_by_its_name(
    catalog: Catalog,
) -> None:
    content = make_product(None, ORIGFILE=None, OBJECT=None)
    await catalog.put(content, "MU_GSKL_140101A_sky_lines.fits")
    [frame] = (await catalog.get("/frames"))["items"]
    assert (frame["kind"], frame["tag"]) == ("static", "SKY_LINES")


async def test_statics_are_seen_by_everyone_and_raw_files_by_members(
    catalog: Catalog,
) -> None:
    await catalog.put(make_product("SKY_LINES"), "sky.fits")
    await catalog.put(make_raw(), "a.fits")
    seen = (await catalog.get("/frames", BORIS))["items"]
    assert [one["tag"] for one in seen] == ["SKY_LINES"]


@pytest.mark.parametrize(
    ("filename", "extnames", "ifus"),
    [
        ("MASTER_BIAS-07.fits", ("DATA", "DQ"), [7]),
        ("MASTER_BIAS.fits", ("CHAN03.DATA", "CHAN03.DQ", "CHAN11.DATA"), [3, 11]),
    ],
)
async def test_a_product_made_elsewhere_is_taken_with_its_ifus(
    catalog: Catalog, filename: str, extnames: tuple[str, ...], ifus: list[int]
) -> None:
    content = make_product(
        extnames=extnames,
        **{"ESO PRO REC2 ID": "muse_second", "ESO PRO REC1 ID": "muse_first"},
    )
    await catalog.put(content, filename)
    frames = (await catalog.get("/frames"))["items"]
    assert [one["ifu"] for one in frames] == ifus
    assert {one["kind"] for one in frames} == {"product"}
    assert {one["recipe"] for one in frames} == {"muse_second"}
    [event] = await catalog.ingested()
    assert event.kind == "product"


async def test_a_template_is_incomplete_until_its_last_exposure(
    catalog: Catalog,
) -> None:
    async def flags() -> set[str]:
        frames = (await catalog.get("/frames"))["items"]
        return {flag for one in frames for flag in one["quality_flags"]}

    await catalog.put(make_raw(1), "a.fits")
    await catalog.put(make_raw(2), "b.fits")
    assert await flags() == {"INCOMPLETE_TEMPLATE"}
    [one] = await catalog.get("/sets")
    assert (one["n"], one["nexp"], one["complete"]) == (2, 3, False)
    assert one["quality_flags"] == ["INCOMPLETE_TEMPLATE"]
    await catalog.put(make_raw(3), "c.fits")
    assert await flags() == set()
    [one] = await catalog.get("/sets")
    assert (one["n"], one["complete"], one["quality_flags"]) == (3, True, [])
    changed = [one for one in await catalog.heard() if isinstance(one, FrameChanged)]
    assert len(changed) == 2  # the two that were here before
    assert {tuple(one.quality_flags) for one in changed} == {()}


async def test_exposures_that_arrive_at_once_make_a_complete_template(
    catalog: Catalog,
) -> None:
    nexp = {"ESO TPL NEXP": 8}
    messages = [stored(make_raw(n, **nexp), f"{n}.fits") for n in range(1, 9)]
    await catalog.tell(*messages)
    [one] = await catalog.get("/sets")
    assert (one["n"], one["complete"], one["quality_flags"]) == (8, True, [])


async def test_a_science_exposure_of_an_open_template_has_no_flag(
    catalog: Catalog,
) -> None:
    await catalog.put(make_object(**{"ESO TPL NEXP": 5}), "o.fits")
    [frame, _] = (await catalog.get("/frames", target="HDFS"))["items"]
    assert (frame["tag"], frame["quality_flags"]) == ("OBJECT", [])
    assert (frame["ra"], frame["dec"]) == (338.23, -60.56)


async def test_a_file_that_the_site_refused_is_listed(catalog: Catalog) -> None:
    refused = FileRefused(
        file_id=uuid7(),
        filename="a.gif",
        project="local",
        owner="anna",
        sha256=None,
        size=3,
        code="not_fits",
        detail="a.gif is not a FITS file.",
    )
    await catalog.tell(refused, twice=True)
    [row] = await catalog.get("/refusals", filename="a.gif")
    assert (row["code"], row["file_id"]) == ("not_fits", str(refused.file_id))
    assert await catalog.get("/refusals", BORIS) == []
    assert await catalog.get("/refusals", since="2100-01-01T00:00:00Z") == []


async def test_a_file_nobody_told_of_is_pending(catalog: Catalog) -> None:
    [row] = await catalog.post("/files/status", {"file_ids": [str(uuid7())]})
    assert (row["state"], row["frames"]) == ("pending", [])


async def test_an_exposure_that_comes_again_with_other_content_is_told_of(
    catalog: Catalog,
) -> None:
    first, other = stored(make_raw(1), "a.fits"), stored(make_raw(2), "b.fits")
    again = stored(make_raw(1, seed=5), "again.fits")
    await catalog.tell(first, other, again)
    ids = [str(one.file_id) for one in (first, other, again)]
    told = await catalog.post("/files/status", {"file_ids": ids})
    assert [row["detail"] is None for row in told] == [True, True, False]
    assert f"here before with other content ({ids[0][:23]})" in told[2]["detail"]


async def test_dropped_bytes_are_noted_and_come_back(catalog: Catalog) -> None:
    message = await catalog.put(make_raw(), "a.fits")
    await catalog.tell(FileUnwanted(file_id=message.file_id, reason="space"))
    [frame, _] = (await catalog.get("/frames"))["items"]
    assert frame["state"] == "EVICTED"
    again = message.model_copy(update={"object_key": "objects/new"})
    await catalog.tell(again)
    [frame, _] = (await catalog.get("/frames"))["items"]
    assert frame["state"] == "STORED"
    events = await catalog.ingested()
    assert [one.object_key for one in events] == [message.object_key, "objects/new"]
    assert events[0].frames == events[1].frames


async def test_a_file_of_one_hdu_without_keywords_is_refused(catalog: Catalog) -> None:
    from astropy.io import fits

    plain: Any = fits.PrimaryHDU()
    message = await catalog.put(as_bytes([plain]), "plain.fits")
    assert (await catalog.status(message))["code"] == "not_muse"
