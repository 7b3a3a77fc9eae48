"""Keys: one form of JSON, and what they depend on."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_scheduler.models import PlanRequest, Versions
from muse_scheduler.rules import canonical_json, outline, planned_key, realised_key
from muse_scheduler.rules.keys import KeyForm, input_identities
from musecore.muse.schema import load
from tests.support.frames import VERSIONS, make_night

INPUTS = [("BIAS", "a" * 64), ("BIAS", "b" * 64)]


def test_names_are_sorted_and_numbers_have_one_form():
    value = {"b": 15.0, "a": [1e21, 1e-7, 0.3, -0.0], "c": {"é": True, "x": None}}
    assert canonical_json(value) == (
        '{"a":[1e+21,1e-7,0.3,0],"b":15,"c":{"x":null,"é":true}}'
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (333333333.33333329, "333333333.3333333"),
        (1e30, "1e+30"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (0.000001, "0.000001"),
        (1e20, "100000000000000000000"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_written_as_rfc_8785_says(number, text):
    assert canonical_json(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_as_itself(number):
    assert float(canonical_json(number)) == number


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="cannot be written"):
        canonical_json(math.inf)


def test_a_key_does_not_depend_on_the_order_or_spelling_of_parameters():
    one = planned_key("muse_bias", 1, {"a": 15.0, "b": "x"}, INPUTS, VERSIONS)
    two = planned_key("muse_bias", 1, {"b": "x", "a": 15}, INPUTS, VERSIONS)
    assert one == two


@pytest.mark.parametrize(
    "change",
    [
        {"recipe": "muse_dark"},
        {"ifu": 2},
        {"parameters": {"a": 2}},
        {"inputs": INPUTS[::-1]},
        {"inputs": INPUTS[:1]},
    ],
)
def test_a_key_depends_on_recipe_ifu_parameters_and_ordered_inputs(change):
    usual = {
        "recipe": "muse_bias",
        "ifu": 1,
        "parameters": {"a": 1},
        "inputs": INPUTS,
        "versions": VERSIONS,
    }
    assert planned_key(**usual) != planned_key(**usual | change)


def test_a_key_depends_on_the_pipeline_and_not_on_musewise_or_its_rules():
    def key(versions: Versions) -> str:
        return planned_key("muse_bias", 1, {}, INPUTS, versions)

    newer = VERSIONS.model_copy(update={"pipeline": "muse/2.10"})
    ours = VERSIONS.model_copy(update={"musewise": "9", "rule_set": "other"})
    assert key(newer) != key(VERSIONS)
    assert key(ours) == key(VERSIONS)


def test_planned_and_realised_keys_are_never_the_same():
    arguments = ("muse_bias", 1, {}, INPUTS, VERSIONS)
    assert planned_key(*arguments) != realised_key(*arguments)


VALUES = st.one_of(
    st.text(max_size=8),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(
    st.dictionaries(st.text(max_size=6), VALUES, max_size=6),
    st.one_of(st.none(), st.integers(1, 24)),
    st.booleans(),
)
def test_the_form_of_many_keys_gives_the_key_of_each(parameters, ifu, takes_nifu):
    name = "nifu" if takes_nifu and ifu is not None else None
    effective = parameters | ({} if name is None else {name: ifu})
    inputs = [("BIAS", "a" * 64), ("FLAT", "b" * 64, "MASTER_FLAT", 2)]
    text = ",".join(canonical_json(list(entry)) for entry in inputs)
    form = KeyForm("muse_bias", parameters, name, VERSIONS)
    assert form.key(ifu, text) == planned_key(
        "muse_bias", ifu, effective, inputs, VERSIONS
    )


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(1, 24), min_size=1, max_size=4), st.integers(1, 3))
def test_keys_of_units_are_those_of_their_tasks(ifus, exposures):
    frames = make_night(ifus=sorted(ifus), exposures=exposures)
    sha256 = {str(frame.file_id): frame.sha256 for frame in frames}
    request = PlanRequest(product="DATACUBE_FINAL", target="NGC 1")
    graph = outline(request, frames, load(), VERSIONS).graph()
    for task in graph.tasks:
        inputs = input_identities(task.inputs, sha256)
        assert task.key == planned_key(
            task.recipe, task.ifu, task.parameters, inputs, VERSIONS
        )
