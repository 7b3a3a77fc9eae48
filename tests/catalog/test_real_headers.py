"""The traps of real headers: what they say is taken for what it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muse_catalog.rules import ColumnReader, Headers
from musecore.fits import scan
from musecore.muse.schema import load
from tests.catalog.catalog import Catalog
from tests.catalog.frames import make_object, make_product
from tests.support.real_files import CUBE, LINEAR, MOSAIC, headers_only, need

pytestmark = pytest.mark.asyncio

NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
RAW = "MUSE.2017-06-16T01:34:56.867.fits"
FLUX = "10**-20 Angstrom-1 cm-2 erg s-1"


@pytest.fixture
def image(ic4406: Path) -> bytes:
    """Give the real IMAGE_FOV of IC 4406: its header, without pixels."""
    return (ic4406 / "header-1696-cards.fits").read_bytes()


@pytest.fixture
def cube() -> Callable[..., bytes]:
    """Give the real headers of the cube of Abell 478, with changes."""
    return lambda **changes: headers_only(need(CUBE), **changes)


async def _named(catalog: Catalog, filename: str) -> dict[str, dict[str, Any]]:
    """Give what the header of a product names, as the lineage shows it."""
    [frame] = (await catalog.get("/frames", filename=filename))["items"]
    left = [await catalog.get(f"/frames/{frame['frame_id']}/lineage")]
    named = {}
    while left:
        for one in left.pop()["inputs"]:
            named[one["frame"]["filename"]] = one["frame"]
            left.append(one)
    return named


async def _found(catalog: Catalog, q: str, **more: Any) -> list[str]:
    return [one["filename"] for one in (await catalog.get("/objects", q=q, **more))["items"]]  # fmt: skip


async def _header(catalog: Catalog, filename: str) -> dict[str, Any]:
    [frame, *_] = (await catalog.get("/frames", filename=filename))["items"]
    hdus = (await catalog.get(f"/frames/{frame['frame_id']}/header"))["hdus"]
    return {keyword: value for keyword, value, _ in hdus[0]["cards"]}


async def test_the_md5_of_nothing_is_no_identity(
    catalog: Catalog, cube: Callable[..., bytes], image: bytes
) -> None:
    await catalog.put(cube(), "cube.fits")
    await catalog.put(image, "image.fits")
    astrometry = ("ASTROMETRY_WCS_gto04.fits", "astrometry_wcs_wfm_gto17.fits")
    for n, name in enumerate(astrometry):  # two files, and both have that sum
        content = make_product("ASTROMETRY_WCS", value=n, DATAMD5=NOTHING)
        await catalog.put(content, name)
    assert len(await _found(catalog, f"datamd5 == '{NOTHING}'")) == 2
    for product, name in zip(("cube.fits", "image.fits"), astrometry, strict=True):
        told = (await _named(catalog, product))[name]
        assert (told["data_md5"], told["pending"]) == (NOTHING, True)
    # The bad pixel table of one header has a sum, that of the other has none.
    assert (await _named(catalog, "cube.fits"))["badpix_table.fits"]["data_md5"] is None
    assert (await _named(catalog, "image.fits"))["badpix_table.fits"]["data_md5"]


async def test_names_of_calibrations_repeat_and_are_told_apart_by_their_data(
    catalog: Catalog, cube: Callable[..., bytes], image: bytes
) -> None:
    name = "MASTER_BIAS-01.fits"
    await catalog.put(cube(), "cube.fits")
    await catalog.put(image, "image.fits")
    await catalog.put(make_product(value=0, DATAMD5="0" * 32), name)
    for product in ("cube.fits", "image.fits"):  # the name alone says nothing
        assert (await _named(catalog, product))[name]["pending"]
    sums = {
        product: (await _named(catalog, product))[name]["data_md5"]
        for product in ("cube.fits", "image.fits")
    }
    assert len(set(sums.values())) == 2
    sent = {
        product: await catalog.put(make_product(value=n, DATAMD5=md5), name)
        for n, (product, md5) in enumerate(sums.items(), 1)
    }
    for product, file in sent.items():
        assert (await _named(catalog, product))[name]["sha256"] == file.sha256
    # Of the 24 IFUs a header lists the first: the others are not made up.
    assert [one for one in await _named(catalog, "cube.fits") if one.startswith("MASTER_BIAS")] == [name]  # fmt: skip


async def test_a_date_that_is_cut_to_seconds_matches_no_exposure(
    catalog: Catalog, image: bytes
) -> None:
    await catalog.put(image, "image.fits")
    assert (await _header(catalog, "image.fits"))["DATE-OBS"].endswith("01:34:56.000")
    same_date = {"DATE-OBS": "2017-06-16T01:34:56.000"}
    await catalog.put(
        make_object(1, ARCFILE="MUSE.2017-06-16T01:34:56.123.fits", **same_date),
        "another.fits",
    )
    name = f"{RAW}.fz"
    assert (await _named(catalog, "image.fits"))[name]["pending"]
    meant = await catalog.put(make_object(2, ARCFILE=RAW, **same_date), "meant.fits")
    assert (await _named(catalog, "image.fits"))[name]["sha256"] == meant.sha256
    # The rest of the second is in MJD-OBS, and queries of time use it.
    within = "DATE_OBS >= 2017-06-16T01:34:56.866 & DATE_OBS < 2017-06-16T01:34:56.868"
    assert await _found(catalog, within) == ["image.fits"]


async def test_the_recipe_that_made_a_product_is_the_last_rec_wherever_its_cards_are(
    catalog: Catalog, cube: Callable[..., bytes]
) -> None:
    keywords = [card.keyword for card in scan(need(CUBE)).hdus[0].header.cards]
    order = [one for one in keywords if one in ("ESO PRO REC1 ID", "ESO PRO REC3 ID", "ESO PRO CATG")]  # fmt: skip
    assert order == ["ESO PRO REC1 ID", "ESO PRO CATG", "ESO PRO REC3 ID"]
    await catalog.put(cube(), "cube.fits")
    for q in ("recipe", "processing.recipe"):
        assert await _found(catalog, f"{q} == 'muse_exp_combine'") == ["cube.fits"]
        assert await _found(catalog, f"{q} == 'muse_scibasic'") == []
    assert await _found(catalog, "pro_rec1_id == 'muse_scibasic'") == ["cube.fits"]


async def test_compressed_or_not_an_exposure_is_the_same_and_pipefile_is_no_name(
    catalog: Catalog, cube: Callable[..., bytes], image: bytes
) -> None:
    await catalog.put(image, "image.fits")
    raw = await catalog.put(make_object(ARCFILE=None), RAW)  # the header says .fits.fz
    assert (await _named(catalog, "image.fits"))[f"{RAW}.fz"]["sha256"] == raw.sha256
    packed = f"{RAW.replace('56.867', '57.867')}.fz"
    await catalog.put(make_object(2, ARCFILE=None), packed)
    assert await _found(catalog, f"arcfile == '{packed[:-3]}'") == [packed] * 2
    await catalog.put(cube(), "A478.fits")
    assert await _found(catalog, "pipefile == 'DATACUBE_FINAL.fits'") == ["A478.fits"]
    assert await _found(catalog, "filename == 'DATACUBE_FINAL.fits'") == []


async def test_units_and_wavelengths_are_read_in_every_spelling(
    catalog: Catalog, cube: Callable[..., bytes]
) -> None:
    columns = ColumnReader(load())
    read = {}
    for path in (CUBE, MOSAIC, LINEAR):
        primary, *others = scan(need(path)).hdus
        extensions = [(one.extname, one.header.as_dict()) for one in others]
        headers = Headers(path.name, primary.header.as_dict(), extensions)
        found = columns.read(headers, "product", "DATACUBE_FINAL")
        read[path] = [found[name] for name in ("bunit", "wave_min", "wave_max", "wave_step")]  # fmt: skip
    assert read == {
        CUBE: [FLUX, 4749.890625, 9349.890625, 1.25],
        MOSAIC: [FLUX, 4750.0, 5373.75, 1.25],
        LINEAR: [FLUX, 7300.0, 9292.5, 1.25],  # CTYPE3 LINEAR, CDELT3
    }
    await catalog.put(need(CUBE).read_bytes(), "cube.fits")
    other = cube(BUNIT=FLUX, OBJECT="other")
    await catalog.put(other, "other.fits")
    for unit in ("10**(-20)*erg/s/cm**2/Angstrom", FLUX):
        assert await _found(catalog, f"bunit == '{unit}' & wave_min < 4750") == ["cube.fits"]  # fmt: skip
    assert (await _header(catalog, "cube.fits"))["BUNIT"] == "10**(-20)*erg/s/cm**2/Angstrom"  # fmt: skip
    table = await catalog.get("/objects/table", q="wave_max > 9300", columns="bunit,wave_step")  # fmt: skip
    assert table["rows"] == [[FLUX, 1.25]]
    assert [one["unit"] for one in table["columns"]] == [None, "Angstrom"]


async def test_versions_are_compared_as_versions_and_kept_as_text(
    catalog: Catalog, cube: Callable[..., bytes]
) -> None:
    versions = ("muse/2.5.0", "muse/1.4b1", "muse/2.10", "muse/1.4", "muse/1.0")
    for text in versions:
        await catalog.put(cube(**{"ESO PRO REC3 PIPE ID": text}), text.replace("/", "-"))  # fmt: skip
    version = "processing.pipeline_version"
    in_order = ["muse-1.0", "muse-1.4b1", "muse-1.4", "muse-2.5.0", "muse-2.10"]
    assert await _found(catalog, "kind == 'product'", order=version) == in_order
    assert await _found(catalog, "kind == 'product'", order=f"-{version}") == in_order[::-1]  # fmt: skip
    assert set(await _found(catalog, f"{version} >= '1.4'")) == {"muse-1.4", "muse-2.5.0", "muse-2.10"}  # fmt: skip
    assert await _found(catalog, f"{version} < 'muse/1.4b1'") == ["muse-1.0"]
    assert await _found(catalog, f"{version} == '2.5'") == ["muse-2.5.0"]
    assert await _found(catalog, f"{version} ~ '*b*'") == ["muse-1.4b1"]
    table = await catalog.get("/objects/table", columns=version, order=version)
    assert [row[0] for row in table["rows"]] == sorted(versions, key=lambda one: in_order.index(one.replace("/", "-")))  # fmt: skip
    after = await catalog.get("/objects", order=version, limit=2)
    rest = await catalog.get("/objects", order=version, limit=9, after=after["next"])
    assert [one["filename"] for one in rest["items"]] == in_order[2:]
    async with catalog.client() as client:
        refused = await client.get("/objects", params={"q": f"{version} > 'newest'"})
    assert refused.status_code == 422
    assert "is no version" in refused.json()["detail"]


async def test_names_with_colons_are_asked_for_in_urls_and_with_underscores(
    catalog: Catalog, image: bytes
) -> None:
    await catalog.put(image, "image.fits")
    underscored = RAW.replace(":", "_")
    raw = await catalog.put(make_object(ARCFILE=None), underscored)
    raws = f"arcfile == '{RAW}' & kind == 'raw'"
    assert await _found(catalog, raws) == [underscored] * 2
    assert (await _named(catalog, "image.fits"))[f"{RAW}.fz"]["sha256"] == raw.sha256
    await catalog.put(make_object(2, ARCFILE=None), RAW.replace("56", "57"))
    forms = await catalog.get("/objects/forms", q=f"filename == '{RAW.replace('56', '57')}'")  # fmt: skip
    assert "%3A" in forms["url"]
    assert ":" not in forms["url"]
    async with catalog.client() as client:
        answer = await client.get(forms["url"])
    assert {one["filename"] for one in answer.json()["items"]} == {RAW.replace("56", "57")}  # fmt: skip


async def test_a_seeing_of_minus_one_is_unknown_and_stays_in_the_header(
    catalog: Catalog, cube: Callable[..., bytes]
) -> None:
    keyword = "ESO TEL AMBI FWHM START"
    await catalog.put(cube(), "seen.fits")
    await catalog.put(cube(**{keyword: -1.0}), "unknown.fits")
    assert await _found(catalog, "tel_ambi_fwhm_start < 2") == ["seen.fits"]
    assert await _found(catalog, "tel_ambi_fwhm_start is null") == ["unknown.fits"]
    table = await catalog.get("/objects/table", columns="tel_ambi_fwhm_start", order="tel_ambi_fwhm_start")  # fmt: skip
    assert table["rows"] == [[1.13], [None]]
    assert (await _header(catalog, "unknown.fits"))[keyword] == -1.0
    assert await _found(catalog, f"header['{keyword}'] == -1") == ["unknown.fits"]


async def test_sums_that_are_wrong_are_flagged_and_sums_that_are_missing_are_not(
    catalog: Catalog, cube: Callable[..., bytes], image: bytes
) -> None:
    # The cut-out kept the cards of the cube that it was cut from; DQ has none.
    found = scan(need(CUBE), check_sums=True)
    assert found.wrong_sums == ("HDU 0", "DATA", "STAT")
    await catalog.put(need(CUBE).read_bytes(), "cut.fits", wrong_sums=list(found.wrong_sums))  # fmt: skip
    assert await _found(catalog, "quality_flags == 'CHECKSUM_DIFFERS'") == ["cut.fits"]
    await catalog.put(image, "image.fits", wrong_sums=[])  # it has no sums at all
    assert await _found(catalog, "quality_flags != 'CHECKSUM_DIFFERS'") == ["image.fits"]  # fmt: skip
