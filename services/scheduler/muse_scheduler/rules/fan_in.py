"""Go on without IFUs that failed, when the request's policy allows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from muse_scheduler.models import (
    FrameRecord,
    Outline,
    PlannedGraph,
    PlanRequest,
    Versions,
)
from muse_scheduler.rules.planning import outline
from muse_scheduler.rules.wording import ifu_words
from muse_scheduler.rules.writing import with_caveat
from musecore.errors import Refused
from musecore.muse.schema import MuseModel

PARTIAL = "partial fan-in"
"""How the caveat of a product begins that was made without some IFUs."""


class TooFewIfus(Refused):
    """The fan-in policy wants more IFUs than are left."""

    code = "too_few_ifus"


def ifus_of(graph: PlannedGraph) -> tuple[int, ...]:
    """Give the IFUs that have tasks in a graph."""
    return tuple(sorted({task.ifu for task in graph.tasks if task.ifu is not None}))


def may_go_on(request: PlanRequest, left: int) -> bool:
    """Whether the policy of a request is content with that many IFUs."""
    policy = request.fan_in
    return policy.policy == "at_least" and policy.k is not None and left >= policy.k


def plan_without(
    request: PlanRequest,
    failed: Collection[int],
    planned: Collection[int],
    frames: Iterable[FrameRecord],
    model: MuseModel,
    versions: Versions,
) -> PlannedGraph:
    """Plan as `outline_without` does, and write every task out."""
    return outline_without(request, failed, planned, frames, model, versions).graph()


def outline_without(
    request: PlanRequest,
    failed: Collection[int],
    planned: Collection[int],
    frames: Iterable[FrameRecord],
    model: MuseModel,
    versions: Versions,
) -> Outline:
    """Plan a request again without the IFUs that failed.

    Tasks of the other IFUs keep their keys, hence their products; those that join
    IFUs get new ones, since their inputs differ, and a caveat.

    Parameters
    ----------
    request
        With the policy ``at_least``.
    failed
        IFUs to do without.
    planned
        IFUs of the first plan.
    frames, model, versions
        As for `outline`.

    Raises
    ------
    TooFewIfus
        The policy is another one, or wants more IFUs than are left.
    """
    left = tuple(sorted(set(planned) - set(failed)))
    lost = ifu_words(sorted(failed))
    if not left or not may_go_on(request, len(left)):
        raise TooFewIfus(
            f"Without IFU {lost} there are {len(left)} of {len(planned)}, and the "
            f"policy is {_policy_words(request)}.",
            hint=f"Allow it with a fan-in of at least {max(1, len(left))}, or retry "
            "what failed.",
        )
    smaller = request.model_copy(update={"ifus": left})
    found = outline(smaller, frames, model, versions)
    caveat = (
        f"{PARTIAL}: IFU {lost} of {ifu_words(sorted(planned))} missing "
        f"(policy {_policy_words(request)})"
    )
    joining = {u.recipe for u in found.units if model.recipe(u.recipe).scope != "ifu"}
    noted = with_caveat(found, caveat, joining)
    return noted.model_copy(update={"warnings": (caveat, *found.warnings)})


def _policy_words(request: PlanRequest) -> str:
    policy = request.fan_in
    return f"at_least({policy.k})" if policy.policy == "at_least" else policy.policy
