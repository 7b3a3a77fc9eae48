"""Exact strings make the class; what is not known is refused with what was found."""

import pytest

from musecore.muse.schema import NotMuse, Unclassified, load


def raw(catg: str, dpr_type: str, **more: str):
    cards = {
        "INSTRUME": "MUSE",
        "ESO DPR CATG": catg,
        "ESO DPR TYPE": dpr_type,
        "ESO DPR TECH": "IFU",
    }
    return cards | more


@pytest.mark.parametrize(
    ("catg", "dpr_type", "tag"),
    [
        ("CALIB", "BIAS", "BIAS"),
        ("CALIB", "DARK", "DARK"),
        ("CALIB", "FLAT,LAMP", "FLAT"),
        ("CALIB", "FLAT,LAMP,ILLUM", "ILLUM"),
        ("CALIB", "FLAT,SKY", "SKYFLAT"),
        ("CALIB", "WAVE", "ARC"),
        ("CALIB", "WAVE,LSF", "ARC_LSF"),
        ("CALIB", "WAVE,MASK", "MASK"),
        ("CALIB", "STD", "STD"),
        ("CALIB", "STD,TELLU", "STD_TELLU"),
        ("CALIB", "ASTROMETRY", "ASTROMETRY"),
        ("SCIENCE", "OBJECT", "OBJECT"),
        ("SCIENCE", "SKY", "SKY"),
        ("CALIB", "SKY", "SKY"),
        ("TECHNICAL", "FLAT,LAMP,THRUPUT", "AMPL"),
        ("CALIB", "BIAS,DETCHECK", "LINGAIN_LAMP_OFF"),
        ("CALIB", "FLAT,LAMP,LINEARITY,DETCHAR", "LINGAIN_LAMP_ON"),
        ("ACQUISITION", "OBJECT", "ACQUISITION"),
        ("TEST", "BIAS", "TEST"),
    ],
)
def test_the_whole_data_type_makes_the_class(catg: str, dpr_type: str, tag: str):
    assert load().classify(raw(catg, dpr_type)).tag == tag


@pytest.mark.parametrize(
    "dpr_type", ["FLAT", "FLAT,LAMP,SKY", "WAVE,", "bias", "LAMP,FLAT"]
)
def test_a_type_that_is_nearly_known_is_not_guessed(dpr_type: str):
    with pytest.raises(Unclassified, match=f"DPR TYPE = '{dpr_type}'"):
        load().classify(raw("CALIB", dpr_type))


def test_a_flat_of_another_technique_is_no_muse_flat():
    with pytest.raises(Unclassified, match="DPR TECH = 'IMAGE'"):
        load().classify(raw("CALIB", "BIAS", **{"ESO DPR TECH": "IMAGE"}))


def test_another_instrument_is_refused_by_name():
    with pytest.raises(NotMuse, match="FORS2"):
        load().classify(raw("CALIB", "BIAS", INSTRUME="FORS2"))


def test_all_spellings_of_a_keyword_are_one():
    model = load()
    for keyword in ("DPR.{}", "DPR {}", "ESO DPR {}", "HIERARCH ESO DPR {}"):
        cards = {
            keyword.format("CATG"): "CALIB",
            keyword.format("TYPE"): "WAVE",
            keyword.format("TECH"): "IFU",
        }
        assert model.classify(cards).tag == "ARC"


def test_a_row_of_a_published_table_without_technique_is_classified():
    cards = {"DPR CATG": "CALIB", "DPR TYPE": "FLAT,LAMP"}
    assert load().classify(cards).tag == "FLAT"


def test_a_product_that_still_has_its_raw_cards_is_a_product():
    cards = raw("SCIENCE", "OBJECT") | {"ESO PRO CATG": "PIXTABLE_OBJECT"}
    assert load().classify(cards).tag == "PIXTABLE_OBJECT"


def test_every_class_with_a_product_category_is_found_by_it():
    model = load()
    for entry in model.frames.classes:
        if entry.kind in ("product", "static", "user"):
            assert model.classify({"PRO.CATG": entry.tag}) is entry


@pytest.mark.parametrize(
    ("filename", "title", "tag"),
    [
        ("MU_GEOT_170422A_geometry_table_wfm.fits", None, "GEOMETRY_TABLE"),
        ("MU_GASW_170422A_astrom_wcs_wfm.fits", None, "ASTROMETRY_WCS"),
        ("MU_GLSP_170516A_lsf_profile_slow_wfm-ao-n.fits", None, "LSF_PROFILE"),
        ("MU_GEXT_140101A_extinct_table.fits", None, "EXTINCT_TABLE"),
        ("MU_GFIL_140101A_filter_list.fits", None, "FILTER_LIST"),
        ("M.MUSE.fits", "HgCd+Ne+Xe LINE_CATALOG for MUSE", "LINE_CATALOG"),
    ],
)
def test_a_delivered_file_is_known_by_its_name(filename, title, tag):
    assert load().classify({}, filename, title).tag == tag


def test_a_pattern_that_nobody_has_verified_decides_nothing():
    with pytest.raises(Unclassified):
        load().classify({}, "MU_GSTD_140101A_std_flux_table.fits")


def test_a_nameless_file_is_refused_with_what_would_be_right():
    with pytest.raises(Unclassified, match="neither DPR nor PRO CATG") as refused:
        load().classify({})
    assert "PRO.CATG" in (refused.value.hint or "")


def test_the_old_spelling_of_a_mode_is_the_same_mode():
    model = load()
    assert model.mode("WFM-NONAO-N") is model.mode("WFM-NOAO-N")
    assert model.column("ins_mode").aliases["WFM-NONAO-N"] == "WFM-NOAO-N"
