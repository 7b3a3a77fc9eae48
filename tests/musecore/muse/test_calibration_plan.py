"""The nine statements on how the plan is read are there as data."""

from datetime import date

import pytest

from musecore.muse.schema import (
    CalibrationRule,
    Condition,
    UnknownModelVersion,
    UnknownName,
    load,
)


def windows(rule: CalibrationRule):
    """(level, what, origins) of each step of a rule."""

    def said(window) -> object:
        return window.within_days or window.same or (window.same_night and "night")

    return [
        (step.level, *[said(w) or "any" for w in step.within], step.origins)
        for step in rule.levels
    ]


def facts(number: int):
    return next(r.facts for r in load().plan.readings if r.number == number)


def test_nine_readings_are_stated_each_with_its_source():
    readings = load().plan.readings
    assert [reading.number for reading in readings] == list(range(1, 10))
    assert all(f"point {r.number}" in r.source for r in readings)


def test_1_distance_is_between_first_frames_and_ties_go_to_the_later():
    plan = load().plan
    assert (facts(1)["column"], facts(1)["of_set"]) == ("mjd_obs", "first_frame")
    assert (facts(1)["unit"], facts(1)["ends_included"]) == ("us", True)
    assert facts(1)["window_sign"] == "calibration_minus_consumer"
    assert plan.tie_break[0] == "later"
    assert plan.tie_break[-1] == "smaller_sha256"


def test_2_levels_come_first_and_never_fall_along_a_rule():
    assert facts(2)["first"] == "level"
    for rule in load().plan.rules:
        for raw_class in {c for step in rule.levels for c in step.consumers or ("",)}:
            numbers = [
                step.level
                for step in rule.levels
                if step.consumers is None or raw_class in step.consumers
            ]
            assert numbers == sorted(numbers), rule.category


def test_3_the_night_begins_at_20_40_and_later_arrivals_are_chosen_anew():
    assert facts(3)["night_begins_ut"] == "20:40"
    assert facts(3)["on_arrival"] == "choose_again"


def test_4_illum_is_chosen_by_night_then_temperature_then_time():
    rule = load().rule("ILLUM")
    science = [step for step in rule.levels if "OBJECT" in (step.consumers or ())]
    assert [step.level for step in science] == [0, 1, 1, 1]
    assert [bool(step.within[0].same_night) for step in science] == [
        True,
        True,
        False,
        False,
    ]
    near = science[0]
    assert near.within[1].within_days == (-0.0833, 0.0833)
    assert [c.nearest_in for c in near.order] == ["ins_temp7_val", "mjd_obs"]
    assert near.order[0].step == facts(4)["temperature_step_deg_C"] == 0.01
    assert [c.nearest_in for c in science[1].order] == ["mjd_obs"]
    assert rule.reject is not None
    assert (rule.reject.column, rule.reject.limit) == ("ins_temp7_val", 1.0)
    assert "ins_mode" in rule.never_match


def test_4_the_window_of_illum_is_half_a_day_but_a_day_for_science():
    for step in load().rule("ILLUM").levels:
        widest = [w.within_days for w in step.within if w.within_days][-1]
        if widest[1] > 0.1:
            assert step.consumers is not None
            assert widest[1] == (1.0 if "OBJECT" in step.consumers else 0.5)
    told = {c for s in load().rule("ILLUM").levels for c in s.consumers or ()}
    asking = {
        raw
        for step in load().plan.steps
        for raw in step.consumer
        if any(i.category == "ILLUM" for i in step.inputs)
    }
    assert asking <= told


def test_5_the_trace_follows_the_flat_and_other_origins_only_warn():
    model = load()
    bound = model.rule("TRACE_TABLE").bound_to
    assert bound is not None
    assert (bound.category, bound.same) == ("MASTER_FLAT", ("tpl_start",))
    assert (bound.strength, bound.takes_level) == ("follows", True)
    assert model.rule("WAVECAL_TABLE").bound_to is None
    assert model.rule("MASTER_BIAS").bound_to is None
    assert {(c.of, c.used) for c in model.plan.cautions} == {
        ("WAVECAL_TABLE", "TRACE_TABLE"),
        ("MASTER_FLAT", "MASTER_BIAS"),
    }


def test_6_the_line_spread_function_comes_from_arcs_then_long_arcs_then_delivered():
    model = load()
    assert windows(model.rule("LSF_PROFILE")) == [
        (0.0, (-1.0, 1.0), ("ARC",)),
        (0.5, "any", ("ARC_LSF",)),
        (1.0, "any", ("static",)),
    ]
    assert "ins_mode" in model.rule("LSF_PROFILE").match
    needed = next(
        i for i in model.step("scipost").inputs if i.category == "LSF_PROFILE"
    )
    assert needed.use == "optional"

    def asked(skymethod: str) -> bool:
        return any(
            c.holds(parameters={"skymethod": skymethod}) for c in needed.needed_when
        )

    assert asked("model")
    assert asked("subtract-model")
    assert not asked("simple")


def test_7_the_response_is_optional_and_darks_are_on_request():
    model = load()
    use = {i.category: i.use for i in model.step("scipost").inputs}
    assert use["STD_RESPONSE"] == "optional"
    for step in model.plan.steps:
        for entry in step.inputs:
            if entry.category in ("MASTER_DARK", "NONLINEARITY_GAIN"):
                assert entry.use == "on_request", step.name
    create_sky = {i.category: i.use for i in model.step("create_sky").inputs}
    assert create_sky["STD_RESPONSE"] == "required"


def test_7_without_a_response_the_cube_is_in_counts_and_says_so():
    bindings = load().plan.parameter_bindings
    counts = next(b for b in bindings if b.when_missing == ("STD_RESPONSE",))
    assert (counts.parameter, counts.set_to) == ("skymethod", "simple")
    assert counts.yields_to_user
    assert "cube in counts" in (counts.warning or "")


def test_8_geometry_and_astrometry_match_the_field_and_not_the_mode():
    model = load()
    for category, before in (("GEOMETRY_TABLE", -60), ("ASTROMETRY_WCS", -62)):
        rule = model.rule(category)
        assert "field" in rule.match
        assert "ins_mode" in rule.never_match
        first = rule.levels[0].within[0].within_days
        assert first is not None
        assert first[0] == before
    pair = model.rule("ASTROMETRY_WCS").bound_to
    assert pair is not None
    assert (pair.category, pair.strength) == ("GEOMETRY_TABLE", "prefers")


@pytest.mark.parametrize(
    ("category", "columns", "asked"),
    [
        ("RAMAN_LINES", {"ins_mode": "WFM-AO-N"}, True),
        ("RAMAN_LINES", {"ins_mode": "NFM-AO-N"}, True),
        ("RAMAN_LINES", {"ins_mode": "WFM-NOAO-N"}, False),
        ("VIGNETTING_MASK", {"mjd_obs": 57822.9, "field": "WFM"}, True),
        ("VIGNETTING_MASK", {"mjd_obs": 57823.0, "field": "WFM"}, False),
        ("VIGNETTING_MASK", {"mjd_obs": 57822.9, "field": "NFM"}, False),
    ],
)
def test_8_some_statics_are_asked_for_under_conditions(category, columns, asked):
    conditions = load().rule(category).conditions
    assert all(c.holds(columns=columns) for c in conditions) is asked


def test_9_a_set_needs_three_frames_and_few_arcs_get_a_flag():
    model = load()
    for tag in ("BIAS", "DARK", "FLAT", "SKYFLAT", "ARC"):
        assert model.frame_class(tag).min_set == facts(9)["min_frames"] == 3
    assert model.frame_class("ARC").normal_set == facts(9)["normal_arc_frames"] == 9
    assert facts(9)["missing_key"] == "matches"


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("MASTER_BIAS", [(0, "night"), (1, (-3, 3)), (2, (-7, 7))]),
        ("MASTER_DARK", [(0, (-5, 5)), (1, (-62, 0))]),
        ("MASTER_FLAT", [(0, "night"), (0.5, (-1, 1)), (1, (-3, 3)), (2, (-7, 7))]),
        ("TRACE_TABLE", [(0, "night"), (1, (-3, 3))]),
        ("WAVECAL_TABLE", [(0, "night"), (0.5, (-1.5, 1.5)), (1, (-3, 3))]),
        ("TWILIGHT_CUBE", [(0, (-1, 1)), (0.5, (-3, 3)), (1, (-30, 30))]),
        ("GEOMETRY_TABLE", [(0, (-60, 0)), (1, "any")]),
        ("ASTROMETRY_WCS", [(0, (-62, 1)), (1, "any")]),
        ("STD_RESPONSE", [(0, "night"), (0.5, (-5, 5)), (1, "any")]),
        ("STD_TELLURIC", [(0, (-1, 1)), (0.5, (-5, 5))]),
        ("SKY_LINES", [(0, "tpl_start"), (1, "any")]),
        ("SKY_CONTINUUM", [(0, "tpl_start")]),
        ("BADPIX_TABLE", [(0, "any")]),
    ],
)
def test_the_levels_are_those_of_the_reference(category, expected):
    assert [(w[0], w[1]) for w in windows(load().rule(category))] == expected


def test_the_sky_of_a_template_is_for_science_and_its_maker_starts_from_the_delivered():
    first, last = load().rule("SKY_LINES").levels
    assert first.origins == ("SKY",)
    assert "SKY" not in (first.consumers or ())
    assert (last.origins, last.consumers) == (("static",), None)


def test_bias_is_matched_by_detector_and_never_by_mode():
    rule = load().rule("MASTER_BIAS")
    assert "chip_id" in rule.match
    assert load().column("chip_id").hdu == "extension"
    assert "ins_mode" in rule.never_match


def test_a_cube_is_made_of_one_exposure_or_of_several():
    one, several = load().steps_making("DATACUBE_FINAL")
    assert (one.recipe, one.trigger) == ("muse_scipost", "PIXTABLE_OBJECT")
    assert (several.recipe, several.trigger) == ("muse_exp_combine", "PIXTABLE_REDUCED")
    assert several.inputs[0].category == "OFFSET_LIST"
    (align,) = load().steps_making("OFFSET_LIST")
    assert (align.recipe, align.trigger) == ("muse_exp_align", "IMAGE_FOV")


def test_a_wanted_pixel_table_is_added_to_what_is_saved():
    wanted = {
        (b.recipe, product): b.add
        for b in load().plan.parameter_bindings
        for product in b.when_wanted
    }
    assert wanted["muse_scipost", "PIXTABLE_REDUCED"] == "individual"
    assert wanted["muse_scipost", "IMAGE_FOV"] == "cube"
    assert wanted["muse_scipost", "SKY_SPECTRUM"] == "skymodel"


def test_the_epoch_of_a_night_is_found_and_gaps_have_none():
    statics = load().statics
    epoch = statics.epoch_at(date(2017, 4, 23))
    assert epoch is not None
    assert epoch.name == "gto17"
    assert statics.epoch_at(date(2017, 6, 15)) is None


def test_a_condition_reads_comma_separated_lists_item_by_item():
    saved = Condition(parameter="save", contains="cube")
    assert saved.holds(parameters={"save": "individual, cube"})
    assert not saved.holds(parameters={"save": "xcube"})
    assert Condition(category="SKY_MASK", given=False).holds(categories={"SKY"})


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(UnknownName, match=r"did you mean MASTER_BIAS\?"):
        load().rule("MASTER_BAIS")


def test_an_unknown_version_is_told_with_the_known():
    with pytest.raises(UnknownModelVersion, match="no version 0"):
        load("0.0.0.0.0")
    assert load(load().version).rule_set == load().rule_set
