"""Explanations: what differs between two versions of a product."""

from muse_scheduler.models import RecordedInput, TaskRecord
from muse_scheduler.rules import differences, why

CUBE = TaskRecord(
    recipe="muse_scipost",
    ifu=None,
    group="MUSE.2024-03-10T23:05:00.000.fits",
    parameters={"crsigma": 15.0, "crtype": "median"},
    inputs=(
        RecordedInput(
            tag="PIXTABLE_OBJECT",
            ifu=1,
            filename="PIXTABLE_OBJECT_0001-01.fits",
            sha256="a" * 64,
            content_key="c" * 64,
        ),
    ),
    versions={"pipeline": "muse/2.8.7"},
)


def test_two_equal_runs_do_not_differ():
    assert differences(CUBE, CUBE) == ()


def test_a_changed_parameter_is_named_with_both_values():
    other = CUBE.model_copy(update={"parameters": {"crsigma": 20, "crtype": "median"}})
    (found,) = differences(CUBE, other)
    assert found.sentence() == "parameter crsigma: 15 against 20"


def test_an_input_of_other_content_is_named_and_one_of_equal_content_is_not():
    renamed = CUBE.inputs[0].model_copy(
        update={"filename": "x.fits", "sha256": "b" * 64}
    )
    assert differences(CUBE, CUBE.model_copy(update={"inputs": (renamed,)})) == ()
    changed = renamed.model_copy(update={"content_key": "d" * 64})
    (found,) = differences(CUBE, CUBE.model_copy(update={"inputs": (changed,)}))
    assert found.what == "PIXTABLE_OBJECT of IFU 1"
    assert found.sentence().endswith(f"against x.fits ({'b' * 12})")


def test_an_input_that_only_one_has_is_told():
    (found,) = differences(CUBE, CUBE.model_copy(update={"inputs": ()}))
    assert found.sentence().endswith("only in the first")


def test_versions_and_caveats_are_compared():
    other = CUBE.model_copy(
        update={
            "versions": {"pipeline": "muse/2.10"},
            "caveats": ("partial fan-in: IFU 3",),
        }
    )
    assert {d.kind for d in differences(CUBE, other)} == {"version", "caveat"}


def test_why_names_the_other_version_and_the_difference():
    other = CUBE.model_copy(update={"parameters": {"crsigma": 20, "crtype": "median"}})
    said = why(CUBE, (), [("DATACUBE_FINAL of yesterday", other)])
    assert said[-1] == (
        "differs from DATACUBE_FINAL of yesterday: parameter crsigma: 15 against 20"
    )
