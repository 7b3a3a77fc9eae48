"""Sets: templates, splits, what is complete and what is usable."""

from datetime import UTC, datetime, timedelta

from muse_scheduler.rules.sets import combine, group_frames, single
from musecore.muse.schema import load
from tests.support.frames import EVENING, make_arc, make_bias, make_object

MODEL = load()
START = datetime(2024, 3, 11, 10, tzinfo=UTC)


def bias_sets(frames):
    return group_frames(frames, MODEL.frame_class("BIAS"), ("det_read_curid",))


def test_frames_of_one_template_are_one_set_in_order_of_time():
    frames = make_bias(START, 5)
    (found,) = bias_sets(frames[::-1])
    assert found.label == "2024-03-11T10:00:00"
    assert list(found.frames) == frames
    assert (found.flags, found.unusable) == ((), None)


def test_two_templates_are_two_sets():
    frames = make_bias(START) + make_bias(START + timedelta(hours=1))
    assert len(bias_sets(frames)) == 2


def test_a_template_with_fewer_frames_than_declared_is_degraded_and_usable():
    (found,) = bias_sets(make_bias(START, 4, nexp=11))
    assert "incomplete_template" in found.flags
    assert found.unusable is None
    assert "4 of 11 frames" in found.notes[0]
    assert found.quality == 0


def test_a_set_of_two_biases_is_not_usable_and_says_why():
    (found,) = bias_sets(make_bias(START, 2))
    assert found.unusable is not None
    assert "2 usable frames, at least 3" in found.unusable


def test_a_short_arc_set_is_usable_and_small():
    (found,) = group_frames(make_arc(START, 3), MODEL.frame_class("ARC"))
    assert found.unusable is None
    assert found.flags == ("small_set",)


def test_without_nexp_the_number_of_rows_counts():
    frames = make_bias(START, 5)
    frames = [
        f.model_copy(
            update={
                "keywords": {k: v for k, v in f.keywords.items() if k != "tpl_nexp"}
            }
        )
        for f in frames
    ]
    assert bias_sets(frames)[0].flags == ()
    marked = [frames[0].model_copy(update={"is_valid": False}), *frames[1:]]
    (found,) = bias_sets(marked)
    assert found.flags == ("incomplete_template",)
    assert "marked as not valid" in found.notes[0]
    assert len(found.frames) == 4


def test_a_frame_marked_as_bad_is_not_in_a_set():
    frames = make_bias(START, 4)
    frames[2] = frames[2].model_copy(update={"is_valid": False})
    (found,) = bias_sets(frames)
    assert frames[2].file_id not in {f.file_id for f in found.frames}


def test_a_template_with_two_read_modes_is_split():
    frames = make_bias(START, 3) + make_bias(START, 3, det_read_curid=2)
    sets = bias_sets(frames)
    assert [len(s.frames) for s in sets] == [3, 3]
    assert {s.label for s in sets} == {"2024-03-11T10:00:00"}


def test_a_frame_that_lacks_the_read_mode_does_not_split_a_template():
    frames = make_bias(START, 3) + make_bias(
        START + timedelta(minutes=5),
        1,
        det_read_curid=None,
        tpl_start="2024-03-11T10:00:00",
    )
    assert len(bias_sets(frames)) == 1


def test_frames_without_a_template_are_grouped_by_pauses():
    loose = make_bias(START, 3, tpl_start=None)
    later = make_bias(START + timedelta(hours=1), 3, tpl_start=None)
    sets = bias_sets(loose + later)
    assert [s.label for s in sets] == [loose[0].arcfile, later[0].arcfile]


def test_a_set_holds_an_ifu_when_enough_frames_do():
    frames = make_bias(START, 3, ifus=(1, 2)) + make_bias(
        START + timedelta(minutes=5), 2, ifus=(3,), tpl_start="2024-03-11T10:00:00"
    )
    (found,) = bias_sets(frames)
    assert found.holds(1)
    assert not found.holds(3)
    assert len(found.frames_of(2)) == 3


def test_a_dead_detector_is_not_held():
    (frame,) = make_bias(START, 1)
    dead = frame.ifus[2].model_copy(update={"live": False})
    frame = frame.model_copy(update={"ifus": {**frame.ifus, 2: dead}})
    found = single(frame, MODEL.frame_class("BIAS"))
    assert (found.holds(1), found.holds(2)) == (True, False)


def test_a_raw_frame_known_by_metadata_only_holds_every_ifu():
    (frame,) = make_bias(START, 1, ifus=(), metadata_only=True)
    assert single(frame, MODEL.frame_class("BIAS")).holds(24)


def test_combined_exposures_hold_the_ifus_that_all_hold():
    cls = MODEL.frame_class("OBJECT")
    one = single(make_object(EVENING, ifus=(1, 2, 3)), cls)
    two = single(make_object(EVENING + timedelta(hours=1), ifus=(2, 3, 4)), cls)
    both = combine([two, one], "NGC 1")
    assert [i for i in range(1, 25) if both.holds(i)] == [2, 3]
    assert both.first is one.first
