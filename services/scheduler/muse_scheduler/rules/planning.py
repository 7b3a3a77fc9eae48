"""Plan: from a request to the graph of tasks that would build it.

Pure: everything it knows comes in as arguments, and the order of the frames does
not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches

from muse_scheduler.models import (
    Choice,
    FrameRecord,
    Outline,
    PlannedGraph,
    PlanRequest,
    Versions,
)
from muse_scheduler.rules.assemble import Wanted, outline_of
from muse_scheduler.rules.drafting import Drafter
from muse_scheduler.rules.drafts import Wishes
from muse_scheduler.rules.selection import (
    NotBuildable,
    NothingSelected,
    given_parameters,
    select,
)
from muse_scheduler.rules.sets import FrameSet, combine
from muse_scheduler.rules.shelf import Shelf
from muse_scheduler.rules.wording import ifu_words
from musecore.errors import Refused
from musecore.muse.plan import Step
from musecore.muse.schema import MuseModel


class IfuNotThere(Refused):
    """An IFU was asked for that no selected frame holds."""

    code = "ifu_not_there"


class UnknownCategory(Refused):
    """`with` or `without` names a tag that no step of the plan takes."""

    code = "unknown_category"


class Goal:
    """One unit that is wanted: a step on a set of frames."""

    def __init__(
        self, step: Step, frames: FrameSet, members: Sequence[FrameSet] = ()
    ) -> None:
        self.step = step
        self.frames = frames
        self.members = tuple(members)


def plan(
    request: PlanRequest,
    frames: Iterable[FrameRecord],
    model: MuseModel,
    versions: Versions,
) -> PlannedGraph:
    """Plan as `outline` does, and write every task out."""
    return outline(request, frames, model, versions).graph()


def outline(
    request: PlanRequest,
    frames: Iterable[FrameRecord],
    model: MuseModel,
    versions: Versions,
) -> Outline:
    """Walk back from the wanted product and choose everything it needs.

    Parameters
    ----------
    request
        What is wanted.
    frames
        Every frame that the request may see (its project's, and the statics).
    model
        Frame classes, recipes, calibration plan.
    versions
        Of the software, for the keys.

    Returns
    -------
    Outline
        Also when something is missing: then it is not runnable and says why.

    Raises
    ------
    MuseError
        The request itself is wrong: an unknown product, target, exposure, recipe
        or parameter, an IFU that is not there. The hint says what would be right.
    """
    return Planner(frames, model, versions).outline(request)


class Planner:
    """Plans requests over the same frames.

    Parameters
    ----------
    frames, model, versions
        As for `outline`.
    """

    def __init__(
        self, frames: Iterable[FrameRecord], model: MuseModel, versions: Versions
    ) -> None:
        self._shelf = Shelf(frames, model)
        self._model = model
        self._versions = versions

    def outline(self, request: PlanRequest) -> Outline:
        """Give the plan of a request as `outline` does."""
        return _outline(request, self._shelf, self._model, self._versions)


def _outline(
    request: PlanRequest, shelf: Shelf, model: MuseModel, versions: Versions
) -> Outline:
    wishes = Wishes(
        parameters=given_parameters(model, request.parameters),
        without=_categories(model, request.without, "without"),
        with_=_categories(model, request.with_, "with"),
    )
    goals = _goals(request, shelf, model)
    ifus = _ifus(request, goals, model)
    warnings: list[str] = []
    while True:
        graph = _attempt(request, goals, Drafter(model, shelf, wishes, ifus), versions)
        unserved = {i for entry in graph.missing for i in entry.ifus} & set(ifus)
        if request.ifus or not unserved or unserved == set(ifus):
            break
        reason = next(m.reason for m in graph.missing if m.ifus)
        warnings.append(f"IFU {ifu_words(sorted(unserved))} left out: {reason}")
        ifus = tuple(i for i in ifus if i not in unserved)
    said = (*warnings, *graph.warnings, *_unused(wishes, graph))
    return graph.model_copy(update={"warnings": tuple(dict.fromkeys(said))})


def _attempt(
    request: PlanRequest,
    goals: Sequence[Goal],
    drafter: Drafter,
    versions: Versions,
) -> Outline:
    targets = [
        Wanted(draft, request.product)
        for goal in goals
        for draft in drafter.drafts(drafter.unit(goal.step, goal.frames, goal.members))
    ]
    return outline_of(targets, drafter, versions, request.fan_in)


# -- what is wanted


def _goals(request: PlanRequest, shelf: Shelf, model: MuseModel) -> list[Goal]:
    """Give the units that make the product from what the request selects."""
    steps = _steps(request, model)
    single = [step for step in steps if step.one_per != "exposure_set"]
    joint = [step for step in steps if step.one_per == "exposure_set"]
    first = (single or joint)[0]
    exposures = _selected(
        request, shelf, [s for s in single if s.recipe == first.recipe]
    )
    if single:
        goals = [Goal(step, frames) for step, frames in exposures]
    else:
        goals = []
        exposures = _members(request, shelf, joint[0])
    if joint and _combines(request, goals):
        sets = [frames for _, frames in exposures]
        return _joint_goals(request, joint[0], sets, goals)
    return goals


def _members(
    request: PlanRequest, shelf: Shelf, step: Step
) -> list[tuple[Step, FrameSet]]:
    found = [s for tag in step.consumer for s in shelf.singles(tag)]
    if not found:
        raise _nothing(step, request)
    return [(step, frames) for frames in select(request, found)]


def _steps(request: PlanRequest, model: MuseModel) -> list[Step]:
    frame_class = model.frame_class(request.product)
    steps = list(model.steps_making(frame_class.tag))
    if not steps:
        raise NotBuildable(
            f"{frame_class.tag} is of kind {frame_class.kind}; no recipe of the plan "
            "makes it.",
            hint="Ask for a product, as MASTER_BIAS or DATACUBE_FINAL.",
            loc=("body", "product"),
        )
    rules = {rule.category: rule for rule in model.plan.rules}
    rule = rules.get(frame_class.tag)
    if rule is not None:
        usual = [step for step in steps if step.recipe in rule.made_by]
        steps = usual or steps
    return steps


def _selected(
    request: PlanRequest, shelf: Shelf, steps: Sequence[Step]
) -> list[tuple[Step, FrameSet]]:
    """Give the sets that the request selects, with the step for each."""
    if request.night is not None:
        near = _pairs(shelf, steps, request.night)
        with suppress(NothingSelected):
            return _chosen(request, near)
    pairs = _pairs(shelf, steps)
    if not pairs:
        if not steps:
            return []
        raise _nothing(steps[0], request)
    return _chosen(request, pairs)


def _pairs(
    shelf: Shelf, steps: Sequence[Step], night: str | None = None
) -> list[tuple[Step, FrameSet]]:
    return [
        (step, frames)
        for step in steps
        for tag in step.consumer
        for frames in shelf.groups(step, tag, night)
    ]


def _chosen(
    request: PlanRequest, pairs: Sequence[tuple[Step, FrameSet]]
) -> list[tuple[Step, FrameSet]]:
    chosen = {id(s) for s in select(request, [frames for _, frames in pairs])}
    return [(step, frames) for step, frames in pairs if id(frames) in chosen]


def _nothing(step: Step, request: PlanRequest) -> NothingSelected:
    tags = " or ".join(step.consumer)
    return NothingSelected(
        f"There is no {tags} frame to make {request.product} from.",
        hint=f"Put {tags} frames first, or look with `musewise ls`.",
    )


def _combines(request: PlanRequest, goals: Sequence[Goal]) -> bool:
    if not goals:
        return True
    if request.combine is None:
        return request.product == "DATACUBE_FINAL" and len(goals) > 1
    return request.combine


def _joint_goals(
    request: PlanRequest,
    step: Step,
    exposures: Sequence[FrameSet],
    single: Sequence[Goal],
) -> list[Goal]:
    """Combine exposures that agree in the columns of the step's set."""
    groups: dict[tuple[str, ...], list[FrameSet]] = {}
    for frames in exposures:
        key = tuple(str(frames.columns.get(column)) for column in step.set_of)
        key = (*key, frames.tag)
        groups.setdefault(key, []).append(frames)
    alone = {id(sets[0]) for sets in groups.values() if len(sets) == 1}
    if alone and (request.combine or not single):
        raise NotBuildable(
            f"{step.recipe} combines two or more exposures that agree in "
            f"{', '.join(step.set_of)}; one is selected.",
            hint="Select more exposures, or do not ask to combine them.",
        )
    goals = [
        Goal(step, combine(sets, " ".join(key[:-1])), sets)
        for key, sets in groups.items()
        if len(sets) > 1
    ]
    return goals + [goal for goal in single if id(goal.frames) in alone]


# -- IFUs and tags


def _ifus(
    request: PlanRequest, goals: Sequence[Goal], model: MuseModel
) -> tuple[int, ...]:
    """Give the IFUs of the plan: those asked for, else those that are there."""
    every = range(1, model.modes.ifus + 1)
    held = tuple(i for i in every if any(g.frames.holds(i) for g in goals))
    wanted = request.ifus or request.fan_in.ifus
    if wanted is None:
        return held
    absent = sorted(set(wanted) - set(held))
    if absent:
        raise IfuNotThere(
            f"The selected frames hold no IFU {ifu_words(absent)}.",
            hint=f"They hold {ifu_words(held)}." if held else "They hold none.",
            loc=("body", "ifus"),
        )
    return tuple(sorted(set(wanted)))


def _categories(model: MuseModel, tags: Sequence[str], where: str) -> frozenset[str]:
    known = {entry.category for step in model.plan.steps for entry in step.inputs}
    for tag in tags:
        if tag not in known:
            near = get_close_matches(tag, sorted(known), n=1)
            raise UnknownCategory(
                f"{tag!r} in `{where}` is no input that a step of the plan takes.",
                hint=f"Did you mean {near[0]}?" if near else None,
                loc=("body", where),
            )
    return frozenset(tags)


def _unused(wishes: Wishes, graph: Outline) -> list[str]:
    recipes = {unit.recipe for unit in graph.units}
    return [
        f"parameters are given for {recipe}, and the plan has no task of it"
        for recipe in wishes.parameters
        if recipe not in recipes
    ]


def choices_table(
    graph: PlannedGraph | Outline, choices: Sequence[Choice] | None = None
) -> dict[str, dict[str, str]]:
    """Give the choices as {consumer ARCFILE: {category: what was chosen}}.

    The value is TPL START of a set, ARCFILE of a single frame or static. Where
    IFUs differ, it is the choice of most of them.
    """
    table: dict[str, dict[str, str]] = {}
    most: dict[tuple[str, str], int] = {}
    for choice in graph.choices if choices is None else choices:
        key = (choice.consumer, choice.category)
        if key not in most or len(choice.ifus) > most[key]:
            most[key] = len(choice.ifus)
            table.setdefault(choice.consumer, {})[choice.category] = choice.choice
    return table
