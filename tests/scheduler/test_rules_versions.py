"""Files of one content, and exposures that were delivered more than once."""

from datetime import UTC, datetime
from uuid import UUID

from muse_scheduler.models import FrameRecord, PlanRequest
from muse_scheduler.rules import plan
from muse_scheduler.rules.versions import newest_versions, without_twins
from musecore.muse.schema import load
from tests.support.frames import (
    EVENING,
    VERSIONS,
    make_bias,
    make_night,
    make_object,
    make_static,
)

START = datetime(2024, 3, 11, 10, tzinfo=UTC)
OLD, NEW = UUID(int=1), UUID(int=2)


def delivered_again(frame: FrameRecord, **changes) -> FrameRecord:
    """The same exposure with other content, put later."""
    told = {"file_id": NEW, "sha256": frame.sha256[::-1], **changes}
    return frame.model_copy(update=told)


def old(**changes) -> FrameRecord:
    return make_object(EVENING).model_copy(update={"file_id": OLD, **changes})


def test_byte_identical_twins_are_one_frame():
    (frame,) = make_bias(START, 1)
    twin = frame.model_copy(update={"file_id": make_object(EVENING).file_id})
    assert len(without_twins([frame, twin])) == 1
    assert without_twins([frame, twin]) == without_twins([twin, frame])


def test_of_twins_the_one_with_bytes_is_kept():
    (frame,) = make_bias(START, 1)
    twin = frame.model_copy(
        update={"object_key": None, "file_id": make_object(EVENING).file_id}
    )
    assert without_twins([twin, frame]) == [frame]


def test_of_an_exposure_delivered_twice_the_last_one_counts():
    new = delivered_again(old())
    for frames in ([old(), new], [new, old()]):
        (kept,) = newest_versions(frames)
        assert (kept.file_id, kept.replaces) == (NEW, 1)


def test_one_marked_as_bad_gives_way_to_the_one_before_it():
    (kept,) = newest_versions([old(), delivered_again(old(), is_valid=False)])
    assert kept.file_id == OLD


def test_a_file_counts_before_a_row_of_its_metadata():
    row = delivered_again(old(), object_key=None)
    (kept,) = newest_versions([row, old()])
    assert kept.file_id == OLD


def test_other_times_classes_and_products_are_no_versions_of_each_other():
    frame = old()
    others = [
        delivered_again(frame, mjd_us=frame.mjd_us + 1),
        delivered_again(frame, tag="SKY", file_id=UUID(int=3)),
        make_static("LINE_CATALOG"),
        delivered_again(make_static("LINE_CATALOG"), file_id=UUID(int=4)),
    ]
    assert newest_versions([frame, *others]) == [frame, *others]


def test_a_plan_takes_the_last_version_of_an_exposure_and_says_so():
    night = make_night()
    exposure = next(one for one in night if one.tag == "OBJECT")
    again = delivered_again(exposure, file_id=UUID(int=(1 << 128) - 1))
    request = PlanRequest(product="DATACUBE_FINAL", target="NGC 1")
    graph = plan(request, [*night, again], load(), VERSIONS)
    read = {one.file_id for task in graph.tasks for one in task.inputs}
    assert again.file_id in read
    assert exposure.file_id not in read
    assert any(
        f"{exposure.arcfile} was delivered 2 times" in said for said in graph.warnings
    )
    once = plan(request, night, load(), VERSIONS)
    assert len(graph.tasks) == len(once.tasks)
    assert not any("delivered" in said for said in once.warnings)
