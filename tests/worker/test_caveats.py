"""Cards about what a product lacks."""

from pathlib import Path

import pytest
from astropy.io import fits

from muse_worker.engine.caveats import add_cards, caveat_cards
from tests.worker.world import make_product

MISSING = "IFU 03 missing: muse_flat of IFU 03 failed, and at least 2 IFUs were asked"


def test_caveats_fill_cards_of_80_columns_and_name_the_ifus():
    cards = caveat_cards([MISSING], [1, 2, 3, 24, 7])
    assert {len(card) for card in cards} == {80}
    assert cards[0].startswith("HIERARCH MUSEWISE CAVEAT1 = 'IFU 03 missing: muse_flat")
    assert cards[1].startswith("HIERARCH MUSEWISE CAVEAT2 = '")
    assert cards[-1].rstrip() == "HIERARCH MUSEWISE IFUS = '1-3,7,24'"


@pytest.mark.parametrize("count", [1, 60])
def test_a_product_with_caveats_is_still_valid_fits_with_a_right_checksum(
    tmp_path: Path, count: int
):
    path = make_product(tmp_path / "DATACUBE_FINAL.fits", "DATACUBE_FINAL", None)
    add_cards(path, caveat_cards([MISSING] * count, [1, 2]))
    with fits.open(path, checksum=True) as hdus:  # a wrong checksum warns: an error
        hdus.verify("exception")
        assert hdus[0].header["MUSEWISE IFUS"] == "1-2"
        assert hdus[0].header["MUSEWISE CAVEAT1"].startswith("IFU 03 missing")
        assert hdus["DATA"].data.sum() == 66


def test_adding_the_same_cards_twice_adds_them_once(tmp_path: Path):
    path = make_product(tmp_path / "DATACUBE_FINAL.fits", "DATACUBE_FINAL", None)
    for _ in range(2):
        add_cards(path, caveat_cards([MISSING], [1, 2]))
    assert str(fits.getheader(path)).count("MUSEWISE IFUS") == 1


def test_a_card_is_added_in_place_where_the_header_has_room(tmp_path: Path):
    path = make_product(tmp_path / "DATACUBE_FINAL.fits", "DATACUBE_FINAL", None)
    before = path.stat()
    add_cards(path, caveat_cards([], [1, 2]))
    assert (path.stat().st_ino, path.stat().st_size) == (before.st_ino, before.st_size)
