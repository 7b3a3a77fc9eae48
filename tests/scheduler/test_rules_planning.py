"""Plans: the backward walk, IFUs, parameters, combinations, what is missing."""

import time
from datetime import timedelta

import pytest

from muse_scheduler.models import PlannedGraph, PlanRequest
from muse_scheduler.rules import (
    IfuNotThere,
    NotBuildable,
    NothingSelected,
    UnknownCategory,
    ifus_of,
    plan,
)
from musecore.errors import MuseError
from musecore.muse.schema import load
from tests.support.frames import (
    EVENING,
    VERSIONS,
    make_bias,
    make_frame,
    make_night,
    make_object,
    make_set,
    make_skyflat,
)

MODEL = load()


def planned(frames, product="DATACUBE_FINAL", **options) -> PlannedGraph:
    return plan(PlanRequest(product=product, **options), frames, MODEL, VERSIONS)


def counts(graph: PlannedGraph) -> dict[str, int]:
    found: dict[str, int] = {}
    for task in graph.tasks:
        found[task.recipe] = found.get(task.recipe, 0) + 1
    return found


def only(graph: PlannedGraph, recipe: str):
    (task,) = [t for t in graph.tasks if t.recipe == recipe]
    return task


def tags(task) -> list[str]:
    return [entry.tag for entry in task.inputs]


def test_a_cube_of_one_exposure_takes_the_whole_cascade():
    graph = planned(make_night(), target="NGC 1")
    assert graph.runnable
    assert counts(graph) == {
        "muse_bias": 3,
        "muse_flat": 3,
        "muse_wavecal": 3,
        "muse_lsf": 3,
        "muse_twilight": 1,
        "muse_scibasic": 6,  # the exposure and the standard star
        "muse_standard": 1,
        "muse_scipost": 1,
    }


def test_parents_come_before_their_children():
    graph = planned(make_night(exposures=3), target="NGC 1")
    seen: set[str] = set()
    for task in graph.tasks:
        assert set(task.parents) <= seen
        seen.add(task.key)
    assert {t.key for t in graph.targets} <= seen


def test_per_ifu_inputs_come_from_the_same_ifu():
    graph = planned(make_night(), target="NGC 1")
    by_key = {task.key: task for task in graph.tasks}
    for task in graph.tasks:
        for entry in task.inputs:
            if task.ifu is not None and entry.from_key:
                assert by_key[entry.from_key].ifu in (task.ifu, None)


def test_the_cube_takes_the_pixel_tables_of_all_ifus():
    scipost = only(planned(make_night(), target="NGC 1"), "muse_scipost")
    tables = [e.ifu for e in scipost.inputs if e.tag == "PIXTABLE_OBJECT"]
    assert tables == [1, 2, 3]
    assert "STD_RESPONSE" in tags(scipost)


def test_one_ifu_without_a_standard_gives_a_cube_in_counts_and_says_so():
    graph = planned(make_night(ifus=(7,), full=False), target="NGC 1")
    assert graph.runnable
    scipost = only(graph, "muse_scipost")
    assert "STD_RESPONSE" not in tags(scipost)
    assert scipost.parameters["skymethod"] != "model"
    assert "LSF_PROFILE" not in tags(scipost)
    assert any("counts" in warning for warning in graph.warnings)
    assert counts(graph) == {
        "muse_bias": 1,
        "muse_flat": 1,
        "muse_wavecal": 1,
        "muse_scibasic": 1,
        "muse_scipost": 1,
    }


def test_a_twilight_without_ifu_1_is_left_out_with_a_warning():
    graph = planned(make_night(ifus=(2, 3)), target="NGC 1")
    assert graph.runnable
    assert "muse_twilight" not in counts(graph)
    assert any("muse_twilight needs IFU 1" in w for w in graph.warnings)
    assert "muse_standard" in counts(graph)


def test_a_standard_with_one_ifu_is_left_out_with_a_warning():
    graph = planned(make_night(), target="NGC 1", ifus=(1,))
    assert graph.runnable
    assert "muse_standard" not in counts(graph)
    assert any("muse_standard needs 2 adjacent IFUs" in w for w in graph.warnings)


def test_only_the_ifus_asked_for_are_planned():
    assert ifus_of(planned(make_night(), target="NGC 1", ifus=(2, 3))) == (2, 3)


def test_an_ifu_that_is_not_there_is_refused():
    with pytest.raises(IfuNotThere, match="no IFU 9"):
        planned(make_night(), target="NGC 1", ifus=(1, 9))


def test_an_ifu_that_lacks_a_calibration_is_left_out_of_a_plan_for_all():
    frames = [
        f.model_copy(update={"ifus": {n: c for n, c in f.ifus.items() if n != 2}})
        if f.tag == "FLAT"
        else f
        for f in make_night(full=False)
    ]
    graph = planned(frames, target="NGC 1")
    assert graph.runnable
    assert ifus_of(graph) == (1, 3)
    assert any(w.startswith("IFU 2 left out: no MASTER_FLAT") for w in graph.warnings)
    asked = planned(frames, target="NGC 1", ifus=(1, 2, 3))
    assert not asked.runnable
    assert asked.missing[0].ifus == (2,)


def test_several_exposures_are_aligned_and_combined():
    graph = planned(make_night(exposures=2), target="NGC 1")
    number = counts(graph)
    assert (number["muse_scipost"], number["muse_exp_align"]) == (2, 1)
    align, combine = only(graph, "muse_exp_align"), only(graph, "muse_exp_combine")
    assert tags(align) == ["IMAGE_FOV"] * 2
    assert {e.ordinal for e in align.inputs} == {1}
    assert tags(combine)[:2] == ["PIXTABLE_REDUCED"] * 2
    assert "OFFSET_LIST" in tags(combine)
    assert [(t.key, t.tag) for t in graph.targets] == [(combine.key, "DATACUBE_FINAL")]
    for task in graph.tasks:
        if task.recipe == "muse_scipost":
            assert "individual" in task.parameters["save"]
            assert "individual" in task.set_parameters["save"]
            assert {"IMAGE_FOV", "PIXTABLE_REDUCED"} <= set(task.outputs)


def test_exposures_are_kept_apart_when_nobody_wants_them_combined():
    graph = planned(make_night(exposures=2), target="NGC 1", combine=False)
    assert len(graph.targets) == 2
    assert "muse_exp_combine" not in counts(graph)


def test_one_exposure_cannot_be_combined():
    with pytest.raises(NotBuildable, match="two or more"):
        planned(make_night(), target="NGC 1", combine=True)


def test_exposures_of_two_targets_are_not_combined():
    frames = [
        *make_night(exposures=2),
        make_object(EVENING + timedelta(hours=2), obs_targ_name="NGC 2"),
    ]
    graph = planned(frames, night="2024-03-10")
    assert len(graph.targets) == 2
    assert counts(graph)["muse_exp_combine"] == 1


@pytest.mark.parametrize(
    "selection",
    [
        {"target": "NGC 1"},
        {"exposure": ("MUSE.2024-03-10T23:05:00.000.fits",)},
        {"exposure": ("2024-03-10T23:05:00.000",)},
        {"exposure": ("2024-03-10T23:05",)},
        {"night": "2024-03-10"},
        {"ob": "ngc1-a"},
        {"ob": "42"},
        {"template": "2024-03-10T23:00:00"},
    ],
)
def test_an_exposure_is_selected_in_many_ways(selection):
    assert len(planned(make_night(), **selection).targets) == 1


def test_an_unknown_target_is_refused_with_the_nearest_name():
    with pytest.raises(NothingSelected) as refused:
        planned(make_night(), target="NGC1")
    assert "Did you mean 'NGC 1'?" in str(refused.value)


def test_an_unknown_exposure_is_refused():
    with pytest.raises(NothingSelected, match="No exposure is called"):
        planned(make_night(), exposure=("2031",))


def test_without_exposures_there_is_nothing_to_plan():
    with pytest.raises(NothingSelected, match="There is no OBJECT"):
        planned(make_bias(EVENING))


def test_an_unknown_product_is_refused_with_a_suggestion():
    with pytest.raises(MuseError, match="DATACUBE_FINAL"):
        planned(make_night(), product="DATACUBE_FINEL")


def test_a_raw_class_is_no_product():
    with pytest.raises(NotBuildable, match="no recipe of the plan makes it"):
        planned(make_night(), product="LINE_CATALOG")


@pytest.mark.parametrize(
    ("product", "recipe", "number"),
    [
        ("MASTER_BIAS", "muse_bias", 3),
        ("TRACE_TABLE", "muse_flat", 3),
        ("WAVECAL_TABLE", "muse_wavecal", 3),
        ("LSF_PROFILE", "muse_lsf", 3),
        ("TWILIGHT_CUBE", "muse_twilight", 1),
        ("STD_RESPONSE", "muse_standard", 1),
        ("PIXTABLE_OBJECT", "muse_scibasic", 3),
    ],
)
def test_every_product_class_can_be_the_target(product, recipe, number):
    graph = planned(make_night(), product=product, night="2024-03-10")
    by_key = {task.key: task for task in graph.tasks}
    assert [by_key[t.key].recipe for t in graph.targets] == [recipe] * number
    assert {t.tag for t in graph.targets} == {product}


def test_a_sky_exposure_gives_sky_lines_to_its_template():
    frames = [
        *make_night(),
        make_frame(
            "SKY", EVENING + timedelta(minutes=15), tpl_start="2024-03-10T23:00:00"
        ),
    ]
    graph = planned(frames, target="NGC 1")
    assert counts(graph)["muse_create_sky"] == 1
    scipost = only(graph, "muse_scipost")
    (lines,) = [e for e in scipost.inputs if e.tag == "SKY_LINES"]
    assert lines.from_key == only(graph, "muse_create_sky").key


def test_darks_are_used_on_request_only():
    frames = [*make_night(), *make_set("DARK", EVENING - timedelta(days=1), 3)]
    assert "muse_dark" not in counts(planned(frames, target="NGC 1"))
    graph = planned(frames, target="NGC 1", **{"with": ("MASTER_DARK",)})
    assert counts(graph)["muse_dark"] == 3


def test_a_tag_can_be_left_out():
    graph = planned(make_night(), target="NGC 1", without=("TWILIGHT_CUBE",))
    assert graph.runnable
    assert "muse_twilight" not in counts(graph)


def test_what_a_recipe_needs_cannot_be_left_out():
    graph = planned(make_night(), target="NGC 1", without=("MASTER_BIAS",))
    assert not graph.runnable
    assert "cannot do without MASTER_BIAS" in graph.missing[0].reason


def test_an_unknown_tag_to_leave_out_is_refused():
    with pytest.raises(UnknownCategory, match="TWILIGHT_CUB'") as refused:
        planned(make_night(), target="NGC 1", without=("TWILIGHT_CUB",))
    assert "Did you mean TWILIGHT_CUBE?" in str(refused.value)


def test_frames_known_by_metadata_only_are_planned_and_not_runnable():
    frames = [f.model_copy(update={"object_key": None}) for f in make_night()]
    graph = planned(frames, target="NGC 1")
    assert len(graph.tasks) == len(planned(make_night(), target="NGC 1").tasks)
    assert not graph.runnable
    assert "known by their metadata only" in graph.not_runnable_because[0]


def test_a_missing_static_is_named_with_what_to_do():
    frames = [f for f in make_night() if f.tag != "LINE_CATALOG"]
    graph = planned(frames, target="NGC 1")
    (missing,) = [m for m in graph.missing if m.category == "LINE_CATALOG"]
    assert "there is none that may be used" in missing.reason
    assert missing.hint
    assert not graph.runnable


def test_an_optional_chain_that_lacks_calibrations_is_left_out_and_told():
    early = EVENING - timedelta(days=20)
    frames = [
        *[f for f in make_night() if f.tag != "SKYFLAT"],
        *make_skyflat(early, nexp=5),
    ]
    graph = planned(frames, target="NGC 1")
    assert graph.runnable
    assert "muse_twilight" not in counts(graph)
    assert any(
        "TWILIGHT_CUBE is left out" in w and "no MASTER_BIAS" in w
        for w in graph.warnings
    )
    assert all(
        "without TWILIGHT_CUBE" in task.caveats
        for task in graph.tasks
        if task.recipe == "muse_scibasic"
    )


def test_an_optional_chain_that_lacks_a_static_is_not_left_out_in_silence():
    frames = [f for f in make_night() if f.tag != "STD_FLUX_TABLE"]
    graph = planned(frames, target="NGC 1")
    assert not graph.runnable
    (missing,) = graph.missing
    assert missing.category == "STD_FLUX_TABLE"
    assert missing.hint.endswith("Or plan without STD_RESPONSE.")
    counted = planned(frames, target="NGC 1", without=("STD_RESPONSE",))
    assert counted.runnable


def test_a_degraded_set_is_used_with_a_warning():
    frames = [f for f in make_night() if f.tag != "BIAS"]
    frames += make_bias(EVENING + timedelta(hours=11), 5, nexp=11)
    graph = planned(frames, target="NGC 1")
    assert graph.runnable
    assert any("5 of 11 frames" in w for w in graph.warnings)


def test_two_exposures_share_their_calibrations():
    graph = planned(make_night(exposures=2), target="NGC 1")
    assert counts(graph)["muse_bias"] == 3


def test_ten_exposures_of_24_ifus_are_planned_in_a_second():
    frames = make_night(ifus=range(1, 25), exposures=10)
    begin = time.perf_counter()
    graph = planned(frames, target="NGC 1")
    assert time.perf_counter() - begin < 1.0
    assert counts(graph)["muse_scibasic"] == 11 * 24
