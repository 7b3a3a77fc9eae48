"""Offsets of exposures against the pointing errors put in."""

import json

import pytest
from astropy.table import Table

from musesim.offsets import compare_offsets

NAMES = ("MUSE.2018-12-10T02:22:19.816.fits", "MUSE.2018-12-10T02:36:43.294.fits")


def files(tmp_path, ra_offset_arcsec):
    truth = tmp_path / "truth.json"
    errors = ([0.0, 0.0], [0.5, -0.3])
    exposures = {
        name: {"error_east_north_arcsec": error}
        for name, error in zip(NAMES, errors, strict=True)
    }
    field = {"name": "F", "ra_deg": 10.0, "dec_deg": 60.0}
    body = {"version": 1, "field": field, "exposures": exposures, "sources": []}
    truth.write_text(json.dumps(body))
    found = tmp_path / "OFFSET_LIST.fits"
    Table(
        {
            "DATE_OBS": ["2018-12-10T02:22:19.000", "2018-12-10T02:36:43.000"],
            "RA_OFFSET": [0.0, ra_offset_arcsec / 3600],
            "DEC_OFFSET": [0.0, -0.3 / 3600],
        }
    ).write(found)
    return found, truth


@pytest.mark.parametrize(("ra_arcsec", "passed"), [(1.0, True), (0.5, False)])
def test_an_offset_in_right_ascension_is_shortened_by_the_declination(
    tmp_path, ra_arcsec, passed
):
    first, second = compare_offsets(*files(tmp_path, ra_arcsec))
    assert first.passed
    assert second.passed is passed
