"""Exposures share rankings for as long as they hold, and never for longer."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from muse_scheduler.models import PlannedGraph, PlanRequest
from muse_scheduler.rules import plan
from muse_scheduler.rules.choice import rank
from muse_scheduler.rules.rankings import Ranking, Rankings
from musecore.muse.schema import load
from tests.support.frames import (
    EVENING,
    VERSIONS,
    make_arc,
    make_bias,
    make_flat,
    make_illum,
    make_object,
    make_skyflat,
    make_statics,
    make_std,
)

MODEL = load()
IFUS = (1, 2)
DAY = 24 * 60
minutes = st.integers(0, 5 * DAY)
"""Times on a grid, so that two sets are often equally near."""

moments = st.builds(lambda n: EVENING + timedelta(minutes=30 * (n // 30)), minutes)


class Alone(Rankings):
    """Shares nothing."""

    def of(self, question):
        return Ranking(rank(question))


def planned(frames) -> PlannedGraph:
    request = PlanRequest(product="DATACUBE_FINAL", combine=False)
    return plan(request, frames, MODEL, VERSIONS)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(moments, min_size=2, max_size=6, unique=True),
    st.fixed_dictionaries(
        {
            make: st.lists(moments, min_size=1, max_size=4, unique=True)
            for make in (make_bias, make_flat, make_arc, make_skyflat, make_std)
        }
    ),
    st.lists(
        st.tuples(moments, st.sampled_from([9.0, 10.0, 11.0])),
        max_size=4,
        unique_by=lambda one: one[0],
    ),
)
def test_the_same_is_chosen_for_the_same_reasons_as_for_each_exposure_alone(
    exposures, sets, illums
):
    frames = make_statics()
    frames += [make_object(at, ifus=IFUS) for at in exposures]
    for make, starts in sets.items():
        for start in starts:
            frames += make(start, ifus=IFUS)
    frames += [make_illum(at, warm, ifus=IFUS) for at, warm in illums]
    shared = planned(frames)
    before, Rankings.of = Rankings.of, Alone.of
    try:
        alone = planned(frames)
    finally:
        Rankings.of = before
    assert shared.choices == alone.choices
    assert [task.key for task in shared.tasks] == [task.key for task in alone.tasks]
