"""Plans: what a request changes: parameters, and going on without an IFU."""

import pytest

from muse_scheduler.models import FanIn, PlannedGraph, PlanRequest
from muse_scheduler.rules import (
    ParameterNotFree,
    TooFewIfus,
    ifus_of,
    plan,
    plan_without,
)
from musecore.errors import MuseError
from musecore.muse.schema import load
from tests.support.frames import (
    VERSIONS,
    make_night,
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


def test_parameters_reach_their_recipe_and_change_only_what_follows():
    usual = planned(make_night(), target="NGC 1")
    other = planned(
        make_night(),
        target="NGC 1",
        parameters={"scipost.crsigma": "20", "muse_scipost.crtype": "mean"},
    )
    scipost = only(other, "muse_scipost")
    assert scipost.parameters["crsigma"] == 20
    assert scipost.set_parameters["crsigma"] == 20
    assert scipost.set_parameters["crtype"] == "mean"
    changed = {t.key for t in usual.tasks} ^ {t.key for t in other.tasks}
    assert changed == {scipost.key, only(usual, "muse_scipost").key}


def test_a_parameter_at_its_default_changes_no_key():
    usual = planned(make_night(), target="NGC 1")
    same = planned(make_night(), target="NGC 1", parameters={"scipost.crsigma": 15})
    assert [t.key for t in same.tasks] == [t.key for t in usual.tasks]


def test_a_misspelt_parameter_is_refused_with_a_suggestion():
    with pytest.raises(MuseError) as refused:
        planned(make_night(), target="NGC 1", parameters={"scipost.crtpye": "median"})
    assert "crtype" in str(refused.value)


def test_parameters_are_checked_before_the_target_is_looked_for():
    with pytest.raises(MuseError) as refused:
        planned([], target="nothing", parameters={"scipost.crtpye": "median"})
    assert "crtype" in str(refused.value)


def test_the_ifu_is_no_parameter_to_set():
    with pytest.raises(ParameterNotFree, match="nifu"):
        planned(make_night(), target="NGC 1", parameters={"bias.nifu": 3})


def test_parameters_of_a_recipe_that_is_not_planned_are_told():
    graph = planned(
        make_night(), target="NGC 1", parameters={"geometry.centroid": "gaussian"}
    )
    assert any("muse_geometry" in warning for warning in graph.warnings)


def test_the_fan_in_policy_is_on_the_recipes_that_join_ifus():
    policy = FanIn(policy="at_least", k=2)
    graph = planned(make_night(), target="NGC 1", fan_in=policy)
    assert only(graph, "muse_scipost").fan_in == policy
    assert {t.fan_in.policy for t in graph.tasks if t.ifu} == {"all"}


def test_without_a_failed_ifu_the_others_keep_their_keys():
    request = PlanRequest(
        product="DATACUBE_FINAL",
        target="NGC 1",
        fan_in=FanIn(policy="at_least", k=2),
    )
    first = plan(request, make_night(), MODEL, VERSIONS)
    second = plan_without(request, {3}, ifus_of(first), make_night(), MODEL, VERSIONS)
    assert ifus_of(second) == (1, 2)
    bias = {t.key for t in first.tasks if t.recipe == "muse_bias" and t.ifu != 3}
    assert bias <= {t.key for t in second.tasks}
    cube = only(second, "muse_scipost")
    assert cube.key != only(first, "muse_scipost").key
    assert cube.caveats[-1] == (
        "partial fan-in: IFU 3 of 1-3 missing (policy at_least(2))"
    )


def test_too_few_ifus_are_refused():
    request = PlanRequest(
        product="DATACUBE_FINAL",
        target="NGC 1",
        fan_in=FanIn(policy="at_least", k=3),
    )
    with pytest.raises(TooFewIfus, match="2 of 3"):
        plan_without(request, {3}, (1, 2, 3), make_night(), MODEL, VERSIONS)


def test_listed_ifus_are_the_ifus_of_the_plan():
    graph = planned(
        make_night(), target="NGC 1", fan_in=FanIn(policy="listed", ifus=(2, 3))
    )
    assert ifus_of(graph) == (2, 3)
