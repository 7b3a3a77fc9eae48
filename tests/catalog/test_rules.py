"""Typed columns, header rules and flags, without a database."""

from typing import Any

import pytest

from muse_catalog.models import Refusal
from muse_catalog.rules import (
    ColumnReader,
    Headers,
    Recognised,
    canonical_keywords,
    flags_with_template,
    implied_keywords,
    recognise,
)
from musecore.muse.schema import load
from tests.catalog.frames import raw_keywords

MODEL = load()


def _columns(filename: str = "a.fits", **changes: Any) -> dict[str, Any]:
    headers = Headers(filename, raw_keywords(1, **changes), [])
    return dict(ColumnReader(MODEL).read(headers, "raw", "BIAS"))


def test_a_missing_keyword_has_no_column() -> None:
    assert "tpl_nexp" not in _columns(**{"ESO TPL NEXP": None})


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("tpl_nexp", "11", 11),
        ("tpl_nexp", 11.0, 11),
        ("exptime", "900.5", 900.5),
        ("object", 4406, "4406"),
        ("object", 4406.0, "4406"),
        ("object", "  ", None),
    ],
)
def test_values_get_the_type_of_their_column(name: str, given: Any, value: Any) -> None:
    keyword = MODEL.column(name).keywords[0]
    assert _columns(**{keyword: given}).get(name) == value


def test_a_lamp_shines_when_lamp_and_shutter_are_on() -> None:
    lamps = {
        "ESO INS LAMP3 ST": True,
        "ESO INS SHUT3 ST": True,
        "ESO INS LAMP4 ST": True,
        "ESO INS SHUT4 ST": False,
        "ESO INS LAMP5 ST": True,
        "ESO INS SHUT5 ST": True,
    }
    assert _columns(**lamps)["lamp"] == "3+5"
    assert "lamp" not in _columns()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ESO INS OPTI2 NAME": "NFM"}, "NFM"),
        ({"ESO INS MODE": "NFM-AO-N"}, "NFM"),
        ({"ESO INS MODE": "WFM-AO-E"}, "WFM"),
        ({"ESO INS MODE": None}, None),
    ],
)
def test_the_field_is_that_of_the_mirror_or_of_the_mode(
    changes: dict[str, Any], field: str | None
) -> None:
    assert _columns(**changes).get("field") == field


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("DPR_TYPE", "ESO DPR TYPE"),
        ("DPR TYPE", "ESO DPR TYPE"),
        ("dpr.type", "ESO DPR TYPE"),
        ("HIERARCH ESO DPR TYPE", "ESO DPR TYPE"),
        ("DATE_OBS", "DATE-OBS"),
        ("MJD-OBS", "MJD-OBS"),
        ("INS_TEMP7_VAL", "ESO INS TEMP7 VAL"),
        ("TEL_MOON_RA", "ESO TEL MOON RA"),
        ("OBS_PI-COI_NAME", "ESO OBS PI-COI NAME"),
        ("ARCFILE", "ARCFILE"),
    ],
)
def test_a_keyword_has_one_spelling(name: str, keyword: str) -> None:
    assert canonical_keywords(MODEL, {name: 1, "OBJECT": ""}) == {keyword: 1}


def test_a_row_need_not_say_what_every_raw_frame_says() -> None:
    assert implied_keywords(MODEL) == {"INSTRUME": "MUSE", "ESO DPR TECH": "IFU"}


def test_a_subset_of_the_channels_is_accepted() -> None:
    headers = Headers("a.fits", raw_keywords(1), [("CHAN24", {})])
    found = recognise(MODEL, headers, kind=None)
    assert isinstance(found, Recognised)
    assert (found.kind, found.tag) == ("raw", "BIAS")


def test_a_table_of_rows_has_no_channels_to_ask_for() -> None:
    found = recognise(MODEL, Headers("a", raw_keywords(1), None), kind="raw")
    assert isinstance(found, Recognised)


def test_a_category_given_with_the_file_decides() -> None:
    headers = Headers("x.fits", {}, None)
    found = recognise(MODEL, headers, kind="static", tag="FILTER_LIST")
    assert isinstance(found, Recognised)
    assert (found.kind, found.tag) == ("static", "FILTER_LIST")


def test_a_category_that_does_not_exist_is_refused() -> None:
    headers = Headers("x.fits", {}, None)
    found = recognise(MODEL, headers, kind="static", tag="FILTER_LITS")
    assert isinstance(found, Refusal)
    assert "FILTER_LITS" in found.detail


def test_the_flag_of_a_template_comes_and_goes_and_leaves_the_others() -> None:
    flagged = flags_with_template(["SATURATED"], complete=False)
    assert flagged == ["INCOMPLETE_TEMPLATE", "SATURATED"]
    assert flags_with_template(flagged, complete=True) == ["SATURATED"]
