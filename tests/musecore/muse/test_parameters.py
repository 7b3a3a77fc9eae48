"""Recipe parameters are checked before anything runs."""

import pytest

from musecore.muse.schema import BadParameterValue, UnknownName, UnknownParameter, load


def check(recipe: str, **given: object):
    return load().check_parameters(recipe, given)


def test_text_becomes_the_type_that_the_recipe_wants():
    given = check("scipost", crsigma="20", crtype="median", ld="2", astrometry="false")
    assert given == {"crsigma": 20.0, "crtype": "median", "ld": 2, "astrometry": False}
    assert [type(value) for value in given.values()] == [float, str, int, bool]


def test_a_misspelt_parameter_is_refused_with_a_suggestion():
    with pytest.raises(UnknownParameter, match=r"did you mean crtype\?"):
        check("scipost", crtpye="median")


def test_a_parameter_of_another_recipe_is_refused():
    with pytest.raises(UnknownParameter, match="muse_bias has no parameter 'crsigma'"):
        check("muse_bias", crsigma="3")


def test_a_misspelt_recipe_is_refused_with_a_suggestion():
    with pytest.raises(UnknownName, match=r"did you mean muse_scipost\?"):
        check("scipots", crsigma="3")


@pytest.mark.parametrize(
    ("recipe", "name", "value", "says"),
    [
        ("scipost", "crsigma", "abc", "a number is wanted"),
        ("scipost", "crsigma", "nan", "a number is wanted"),
        ("scipost", "crsigma", "inf", "a number is wanted"),
        ("scipost", "ld", "1.5", "a whole number is wanted"),
        ("scipost", "ld", True, "a whole number is wanted"),
        ("scipost", "astrometry", "perhaps", "true or false is wanted"),
        ("scipost", "crtype", "medain", r"none of iraf, mean, median; did you mean"),
        ("scipost", "save", "cube,indvidual", r"did you mean individual\?"),
        ("scipost", "pixfrac", "0.8,b", "'b' is not a number"),
        ("scipost", "pixfrac", "0.8,0.8,0.8", "at most 2 values"),
        ("scipost", "skymodel_fraction", "1.5", "the largest value is 1"),
        ("scipost", "lambdamin", "-1", "the smallest value is 0 Angstrom"),
        ("bias", "nifu", "25", "the largest value is 24"),
        ("bias", "nifu", "-2", "the smallest value is -1"),
    ],
)
def test_a_bad_value_is_refused_with_what_would_be_right(recipe, name, value, says):
    with pytest.raises(BadParameterValue, match=says) as refused:
        check(recipe, **{name: value})
    assert f"{recipe}.{name}" in refused.value.detail
    assert "Default" in (refused.value.hint or "")
    assert refused.value.loc == ("parameters", name)


def test_a_choice_may_carry_sub_options_where_the_recipe_allows():
    assert check("bias", overscan="vpoly:20,0.25") == {"overscan": "vpoly:20,0.25"}
    with pytest.raises(BadParameterValue):
        check("bias", ovscreject="dcr:1")


def test_lists_may_hold_several_choices():
    assert check("scipost", save="cube, individual")["save"] == "cube, individual"


def test_effective_parameters_are_default_then_option_then_given():
    model = load()
    assert model.recipe("scibasic").defaults()["saveimage"] is True
    assert model.recipe_defaults("scibasic")["saveimage"] is False
    assert model.recipe("scibasic").effective({"saveimage": True})["saveimage"] is True
    assert model.recipe_defaults("scipost")["crsigma"] == 15.0
    assert model.recipe_defaults("exp_combine")["crsigma"] == 10.0


def test_outputs_follow_from_parameters_and_inputs():
    scipost = load().recipe("scipost")

    def tags(*categories: str, **given):
        wanted = scipost.outputs_with(scipost.effective(given), categories)
        return {output.tag for output in wanted}

    assert tags(save="cube") == {"DATACUBE_FINAL", "IMAGE_FOV"}
    assert "PIXTABLE_REDUCED" in tags(save="cube,individual")
    assert "SKY_LINES" in tags(save="skymodel")
    assert tags(save="skymodel", skymethod="simple") == set()
    assert tags("RAMAN_LINES", save="raman") == {"RAMAN_IMAGES"}


def test_a_basic_reduction_makes_what_its_raw_frame_asks_for():
    scibasic = load().recipe("scibasic")
    effective = scibasic.effective()
    assert [o.tag for o in scibasic.outputs_with(effective, {"STD"})] == [
        "PIXTABLE_STD"
    ]
    kept = scibasic.effective({"saveimage": True})
    assert [o.tag for o in scibasic.outputs_with(kept, {"SKY"})] == [
        "SKY_RED",
        "PIXTABLE_SKY",
    ]
    assert scibasic.outputs_with(effective, {"OBJECT"})[0].one_per == "exposure"


def test_quality_keys_give_their_running_numbers():
    model = load()
    ron = next(q for q in model.recipe("bias").qc if q.key.endswith("MASTERn RON"))
    found = ron.pattern.match("ESO QC BIAS MASTER3 RON")
    assert found is not None
    assert (ron.indices, found.groups(), ron.unit) == (("quadrant",), ("3",), "count")
    assert ron.pattern.match("ESO QC BIAS MASTER3 RONERR") is None


def test_no_two_quality_keys_of_a_recipe_answer_to_one_keyword():
    for recipe in load().recipes.recipes:
        for entry in recipe.qc:
            example = entry.key
            for letter in "ijnmlka":
                example = "".join(
                    "7" if c == letter and example[n - 1].isupper() else c
                    for n, c in enumerate(example)
                )
            same = {q.key for q in recipe.qc if q.pattern.match(example) and q != entry}
            assert same <= {entry.key}, (recipe.name, example)
