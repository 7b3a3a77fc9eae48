"""The choice of calibrations: the nine readings of the plan, and the total order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse_scheduler.models import Choice, FrameRecord, PlannedGraph, PlanRequest
from muse_scheduler.rules import choices_table, plan
from musecore.muse.schema import load
from tests.support.frames import (
    EVENING,
    VERSIONS,
    make_arc,
    make_bias,
    make_flat,
    make_frame,
    make_illum,
    make_night,
    make_object,
    make_static,
    make_statics,
    make_std,
)

MODEL = load()
CUBE = PlanRequest(product="DATACUBE_FINAL", target="NGC 1")
PIXTABLE = PlanRequest(product="PIXTABLE_OBJECT", target="NGC 1")
HOUR = timedelta(hours=1)
MORNING = EVENING + 11 * HOUR


def planned(frames, request: PlanRequest = CUBE) -> PlannedGraph:
    return plan(request, frames, MODEL, VERSIONS)


def choice(frames, category: str, request: PlanRequest = PIXTABLE) -> Choice:
    graph = planned(frames, request)
    (found,) = [
        c for c in graph.choices if (c.category, c.consumer_tag) == (category, "OBJECT")
    ]
    return found


def chain(*others) -> list:
    """What an exposure needs but for biases."""
    return [
        make_object(EVENING),
        *make_flat(MORNING + HOUR),
        *make_arc(MORNING + 2 * HOUR),
        *make_statics(),
        *[frame for group in others for frame in group],
    ]


def label(start: datetime) -> str:
    return start.isoformat().removesuffix("+00:00")


def test_the_same_night_beats_a_nearer_set_of_the_night_before():
    before = EVENING - 9.5 * HOUR  # 13:30 UT: the night before
    found = choice(
        chain(make_bias(before), make_bias(EVENING + 14 * HOUR)), "MASTER_BIAS"
    )
    assert found.choice == label(EVENING + 14 * HOUR)
    assert found.level == 0
    assert found.runner_up is not None
    assert found.runner_up.choice == label(before)
    assert "comes after level 0 (same night)" in found.runner_up.lost_because


def test_the_morning_after_belongs_to_the_night():
    found = choice(chain(make_bias(MORNING)), "MASTER_BIAS")
    assert found.reason.startswith("level 0: same night, the only candidate")
    assert found.distance_days == pytest.approx(11 / 24, abs=1e-3)


def test_inside_a_level_the_nearest_wins():
    near, far = MORNING, MORNING + 3 * HOUR
    found = choice(chain(make_bias(far), make_bias(near)), "MASTER_BIAS")
    assert found.choice == label(near)
    assert found.runner_up is not None
    assert found.runner_up.lost_because.startswith("farther in time: 0.58")


def test_of_two_equally_far_the_later_one_is_taken():
    before, after = (
        EVENING - timedelta(days=2) - timedelta(seconds=10),
        EVENING + timedelta(days=2) - timedelta(seconds=10),
    )
    found = choice(chain(make_bias(before), make_bias(after)), "MASTER_BIAS")
    assert found.choice == label(after)
    assert "the later one is taken" in found.reason
    assert found.runner_up is not None
    assert found.runner_up.lost_because == "equally far in time; the later one is taken"


def test_of_two_equal_sets_the_complete_one_is_taken():
    good = make_bias(MORNING, 3)
    poor = [
        frame.model_copy(update={"arcfile": f"{frame.arcfile}-other"})
        for frame in make_bias(MORNING, 3, nexp=11, tpl_start="other", det_binx=None)
    ]
    found = choice(chain(poor, good), "MASTER_BIAS")
    assert found.choice == label(MORNING)
    assert found.runner_up is not None
    assert "incomplete_template" in found.runner_up.lost_because


def test_a_bias_outside_every_window_is_missing_and_the_nearest_is_named():
    graph = planned(chain(make_bias(EVENING + timedelta(days=9.3))), PIXTABLE)
    assert not graph.runnable
    missing = next(m for m in graph.missing if m.category == "MASTER_BIAS")
    assert "no MASTER_BIAS" in missing.reason
    assert "within -7..+7 d" in missing.reason
    assert "+9.3" in missing.reason
    assert missing.hint


def test_a_bias_set_that_is_too_small_is_not_chosen_and_named():
    graph = planned(chain(make_bias(MORNING, 2)), PIXTABLE)
    missing = next(m for m in graph.missing if m.category == "MASTER_BIAS")
    assert "at least 3 are needed" in missing.reason


def test_a_bias_of_another_read_mode_does_not_match():
    other = make_bias(MORNING, det_read_curid=2)
    right = make_bias(EVENING + timedelta(days=2))
    found = choice(chain(other, right), "MASTER_BIAS")
    assert found.choice == label(EVENING + timedelta(days=2))


def test_a_bias_may_have_another_mode_and_a_flat_may_not():
    frames = chain(
        make_bias(MORNING, ins_mode="WFM-AO-N"),
        make_flat(EVENING + HOUR, ins_mode="WFM-AO-N"),
    )
    assert choice(frames, "MASTER_BIAS").choice == label(MORNING)
    assert choice(frames, "MASTER_FLAT").choice == label(MORNING + HOUR)


def test_a_key_that_a_frame_lacks_matches_and_the_reason_says_so():
    found = choice(chain(make_bias(MORNING, det_read_curid=None)), "MASTER_BIAS")
    assert "not known and taken as equal: det_read_curid" in found.reason


def test_a_bias_of_another_chip_serves_the_other_ifus_only():
    old = make_bias(MORNING, ifus=(1, 2, 3), epoch="a")
    changed = [
        f.model_copy(
            update={
                "ifus": {**f.ifus, 1: f.ifus[1].model_copy(update={"chip_id": "x"})}
            }
        )
        for f in old
    ]
    spare = make_bias(EVENING + timedelta(days=2))
    graph = planned(chain(changed, spare), PIXTABLE)
    found = {
        c.ifus: c.choice
        for c in graph.choices
        if (c.category, c.consumer_tag) == ("MASTER_BIAS", "OBJECT")
    }
    assert found == {
        (1,): label(EVENING + timedelta(days=2)),
        (2, 3): label(MORNING),
    }


def test_the_trace_follows_the_flat_and_takes_its_level():
    frames = chain(make_bias(MORNING))
    flat, trace = choice(frames, "MASTER_FLAT"), choice(frames, "TRACE_TABLE")
    assert (trace.choice, trace.level) == (flat.choice, flat.level)
    assert "follows MASTER_FLAT" in trace.reason


def test_a_trace_follows_a_flat_beyond_its_own_windows():
    far = EVENING + timedelta(days=5)
    frames = [f for f in chain(make_bias(MORNING)) if f.tag != "FLAT"]
    graph = planned([*frames, *make_flat(far)], PIXTABLE)
    found = {
        c.category: (c.choice, c.level)
        for c in graph.choices
        if c.consumer_tag == "OBJECT" and c.source_tag == "FLAT"
    }
    assert found == {
        "MASTER_FLAT": (label(far), 2),
        "TRACE_TABLE": (label(far), 2),
    }


def illums(*pairs) -> list:
    return [
        make_illum(EVENING + minutes * timedelta(minutes=1), t) for minutes, t in pairs
    ]


@pytest.mark.parametrize(
    ("pairs", "winner"),
    [
        ([(10, 10.30), (60, 10.10)], 1),  # within 2 h the temperature decides
        ([(10, 10.034), (60, 10.031)], 0),  # equal in steps of 0.01: the nearer
        ([(-60, 10.05), (30, 10.05)], 1),
        ([(130, 10.0), (10, 10.9)], 1),  # 2 h come before what is farther
        ([(180, 10.5), (300, 10.0)], 0),  # beyond 2 h the nearest in time
    ],
)
def test_illum_is_chosen_by_temperature_within_two_hours(pairs, winner):
    frames = illums(*pairs)
    found = choice(chain(make_bias(MORNING), frames), "ILLUM")
    assert found.choice == frames[winner].arcfile


def test_an_illum_of_the_same_night_beats_a_nearer_one_of_another_night():
    early = EVENING - 2.2 * HOUR  # 20:48 UT: this night
    exposure = make_object(early)
    other = make_illum(early - timedelta(minutes=20), 10.0)  # 20:28: night before
    same = make_illum(early + 5 * HOUR, 10.0)
    frames = [*chain(make_bias(MORNING))[1:], exposure, other, same]
    assert choice(frames, "ILLUM").choice == same.arcfile


def test_an_illum_too_warm_is_not_used_and_said():
    graph = planned(chain(make_bias(MORNING), illums((10, 11.5))), PIXTABLE)
    assert not any(c.category == "ILLUM" for c in graph.choices)
    assert any("no ILLUM is used" in w and "1.50 C" in w for w in graph.warnings)
    scibasic = [t for t in graph.tasks if t.recipe == "muse_scibasic"]
    assert all(i.tag != "ILLUM" for t in scibasic for i in t.inputs)


def test_the_lsf_comes_from_arcs_then_arc_lsf_then_the_static():
    static = make_static("LSF_PROFILE", ins_mode="WFM-NOAO-N")
    other = make_static("LSF_PROFILE", ins_mode="WFM-AO-N", name="ao.fits")
    long = [
        make_frame(
            "ARC_LSF",
            EVENING - timedelta(days=90) + n * timedelta(minutes=1),
            tpl_start="2023-12-11T12:00:00",
            tpl_nexp=45,
        )
        for n in range(45)
    ]
    request = CUBE.model_copy(update={"parameters": {"scipost.skymethod": "model"}})
    night = make_night()
    arcs = [f for f in night if f.tag == "ARC"]
    farther = [
        f.model_copy(
            update={
                "mjd_us": f.mjd_us + 2 * 86_400_000_000,
                "night": "2024-03-12",
            }
        )
        for f in arcs
    ]
    rest = [f for f in night if f.tag != "ARC"]
    found = choice([*night, *long, static, other], "LSF_PROFILE", request)
    assert (found.level, found.source_tag) == (0, "ARC")
    found = choice([*rest, *farther, *long, static, other], "LSF_PROFILE", request)
    assert (found.level, found.source_tag) == (0.5, "ARC_LSF")
    found = choice([*rest, *farther, static, other], "LSF_PROFILE", request)
    assert (found.level, found.choice) == (1, static.arcfile)


def test_geometry_matches_the_field_and_not_the_mode():
    nfm = make_static("GEOMETRY_TABLE", EVENING, name="nfm.fits", field="NFM")
    found = choice([*chain(make_bias(MORNING)), nfm], "GEOMETRY_TABLE")
    assert found.choice == "M.MUSE.GEOMETRY_TABLE.fits"


def test_of_statics_the_newest_valid_is_taken():
    newer = make_static("BADPIX_TABLE", EVENING - timedelta(days=30), name="new.fits")
    future = make_static("BADPIX_TABLE", EVENING + timedelta(days=30), name="next.fits")
    frames = [*chain(make_bias(MORNING)), newer, future]
    assert choice(frames, "BADPIX_TABLE").choice == "new.fits"


def test_a_standard_of_another_night_within_five_days_has_level_one_half():
    night = make_night(full=False)
    std = make_std(EVENING + timedelta(days=3))
    cals = [
        *make_bias(EVENING + timedelta(days=3, hours=1)),
        *make_flat(EVENING + timedelta(days=3, hours=2)),
        *make_arc(EVENING + timedelta(days=3, hours=3)),
    ]
    found = choice([*night, *std, *cals], "STD_RESPONSE", CUBE)
    assert (found.level, found.source_recipe) == (0.5, "muse_standard")


def test_a_wavecal_made_with_another_trace_is_said():
    frames = chain(make_bias(MORNING), make_flat(EVENING + 15.5 * HOUR))
    frames += make_arc(EVENING + 16 * HOUR)
    frames = [
        f
        for f in frames
        if not (f.tag == "ARC" and f.mjd_us < frames[-1].mjd_us - 3_600_000_000)
    ]
    graph = planned(frames, PIXTABLE)
    assert any("WAVECAL_TABLE" in w and "TRACE_TABLE" in w for w in graph.warnings)


# -- properties

LONG_AGO = datetime(2019, 1, 1, 3, tzinfo=UTC)
NIGHT = make_night(exposures=2) + make_night(EVENING + timedelta(days=1), statics=False)
ANSWER = planned(NIGHT)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(NIGHT))
def test_the_order_of_the_frames_changes_nothing(frames):
    assert planned(frames) == ANSWER


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.builds(
            make_frame,
            st.sampled_from(["BIAS", "FLAT", "ARC", "SKYFLAT", "STD", "ILLUM"]),
            st.integers(0, 365).map(lambda n: LONG_AGO + timedelta(days=n)),
            tpl_start=st.just("2019"),
        ),
        max_size=6,
    )
)
def test_unrelated_frames_change_nothing(frames):
    # a standard star has no last window, so its lone frames are left to other modes
    unrelated = [
        f.model_copy(update={"keywords": {**f.keywords, "ins_mode": "NFM-AO-N"}})
        for f in frames
    ]
    assert planned([*unrelated, *NIGHT]) == ANSWER


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(NIGHT), st.uuids(version=4))
def test_a_byte_identical_twin_changes_nothing(frame, twin_id):
    twin = frame.model_copy(update={"file_id": twin_id, "filename": "copy.fits"})
    answer = planned([twin, *NIGHT])
    assert [t.key for t in answer.tasks] == [t.key for t in ANSWER.tasks]
    assert (answer.choices, answer.warnings) == (ANSWER.choices, ANSWER.warnings)


def rival(frame: FrameRecord) -> FrameRecord:
    """A different frame of the same time, in a template of its own."""
    template = f"{frame.keywords.get('tpl_start')}-other"
    return frame.model_copy(
        update={
            "file_id": make_frame(frame.tag, EVENING, name=frame.arcfile).file_id,
            "sha256": frame.sha256[::-1],
            "arcfile": f"{frame.arcfile}-other",
            "keywords": {**frame.keywords, "tpl_start": template},
        }
    )


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["ILLUM", "BIAS"]), st.randoms(use_true_random=False))
def test_equal_times_give_the_same_answer_in_every_order(tag, random):
    frames = NIGHT + [rival(frame) for frame in NIGHT if frame.tag == tag]
    first = planned(frames)
    random.shuffle(frames)
    assert planned(frames) == first
    reasons = [c.reason for c in first.choices if c.source_tag == tag]
    assert any("the smaller sha256 decides" in reason for reason in reasons)


def test_the_table_names_sets_by_template_and_single_frames_by_arcfile():
    table = choices_table(ANSWER)
    exposure = next(f for f in NIGHT if f.tag == "OBJECT")
    mine = table[exposure.arcfile]
    assert mine["MASTER_BIAS"] == label(MORNING)
    assert mine["ILLUM"].startswith("MUSE.2024-03-10T23:01")
    assert mine["GEOMETRY_TABLE"] == "M.MUSE.GEOMETRY_TABLE.fits"
