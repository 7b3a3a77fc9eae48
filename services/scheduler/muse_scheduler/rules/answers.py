"""One unit of work, and the answers to all its questions for calibrations.

A unit is a step of the plan on one set of frames; its tasks are one per IFU or one
for the field. Answers are found once for all IFUs.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from muse_scheduler.models import Choice, Missing
from muse_scheduler.rules.candidates import Candidate, Consumer, Pool, Supply
from muse_scheduler.rules.choice import (
    Picked,
    Question,
    Ranked,
    rejected,
)
from muse_scheduler.rules.rankings import FIELD, Ranking, Rankings
from muse_scheduler.rules.sets import FrameSet
from muse_scheduler.rules.shelf import Shelf
from muse_scheduler.rules.wording import ifu_words, missing_of
from musecore.muse.plan import Step
from musecore.muse.recipes import Recipe
from musecore.muse.schema import MuseModel


@dataclass(frozen=True)
class Answer:
    """What was chosen of one category: the winner by IFU (`FIELD` for the field)."""

    by_ifu: dict[int, Ranked]
    choices: tuple[Choice, ...] = ()
    missing: tuple[Missing, ...] = ()
    warnings: tuple[str, ...] = ()
    applies: bool = True
    per_ifu: bool = False
    uniform: bool = False  # all IFUs got the same

    def alike(self, ifu: int, ifus: Set[int]) -> set[int]:
        """Give those of `ifus` that got the same answer as `ifu`, frame by frame."""
        if not self.per_ifu:
            return set(ifus)
        if self.uniform:
            same = set(ifus)
        else:
            mine = self._place(ifu)
            same = {n for n in ifus if self._place(n) == mine}
        winner = self.by_ifu.get(ifu)
        if winner is None or winner.candidate.step is not None:
            return same
        frames = winner.candidate.frames
        return same if frames.chips is None else same & frames.alike(ifu)

    def _place(self, ifu: int) -> tuple[object, ...]:
        winner = self.by_ifu.get(ifu)
        return (
            None if winner is None else id(winner.candidate),
            [n for n, choice in enumerate(self.choices) if ifu in choice.ifus],
            [n for n, entry in enumerate(self.missing) if ifu in entry.ifus],
        )


@dataclass(frozen=True)
class Known:
    """What the units of one plan share: rankings, and why steps cannot run on sets."""

    rankings: Rankings = field(default_factory=Rankings)
    faults: dict[tuple[str, int], str | None] = field(default_factory=dict)


class Unit:
    """A step on a set of frames, for the IFUs of a plan that the set holds.

    Parameters
    ----------
    step
        Of the calibration plan.
    frames
        What it is about.
    ifus
        IFUs of the plan.
    shelf, model
        Frames and facts.
    members
        The single exposures, when the unit is about a set of exposures.
    known
        What was found out for other units of the plan.
    """

    def __init__(
        self,
        step: Step,
        frames: FrameSet,
        ifus: Sequence[int],
        shelf: Shelf,
        model: MuseModel,
        members: Sequence[FrameSet] = (),
        known: Known | None = None,
    ) -> None:
        self.step = step
        self.frames = frames
        self.members = tuple(members)
        self.recipe: Recipe = model.recipe(step.recipe)
        self.plan_ifus = tuple(ifus)
        self.ifus = tuple(i for i in ifus if frames.holds(i))
        self._shelf = shelf
        self._model = model
        self._answers: dict[str, Answer] = {}
        self._known = Known() if known is None else known

    @cached_property
    def per_ifu(self) -> bool:
        """Whether it has a task for each IFU."""
        return self.recipe.scope == "ifu"

    @cached_property
    def consumer(self) -> Consumer:
        """What is calibrated."""
        return Consumer(self.frames, self.ifus)

    def answer(self, category: str, inputs: Sequence[str]) -> Answer:
        """Choose a category, once.

        Parameters
        ----------
        category
            Of a rule of the plan.
        inputs
            Categories that this unit uses at all: a binding to another one is void.
        """
        if category not in self._answers:
            self._answers[category] = self._choose(category, inputs)
        return self._answers[category]

    def answered(self, category: str) -> Answer | None:
        """Give an answer that was found already."""
        return self._answers.get(category)

    def _choose(self, category: str, inputs: Sequence[str]) -> Answer:
        per_ifu = self._is_per_ifu(category)
        asked = self.ifus if per_ifu else (FIELD,)
        question = self._question(category, asked, per_ifu=per_ifu)
        columns = self.frames.columns
        conditions = question.rule.conditions
        if conditions and not all(c.holds(columns=columns) for c in conditions):
            return Answer({}, applies=False)
        found: list[_Found] = []
        open_ifus: dict[int, Question] = {}
        for bound, ifus in self._bound(question, inputs, asked):
            bound_question = question
            if bound is not None or ifus != question.consumer.ifus:
                consumer = Consumer(self.frames, ifus)
                bound_question = question._replace(bound=bound, consumer=consumer)
            ranking = self._known.rankings.of(bound_question)
            picked = ranking.picked(bound_question, per_ifu=per_ifu)
            found.append(_Found(bound_question, ranking, picked))
            if sum(len(one.ifus) for one in picked) != len(ifus):
                served = {ifu for one in picked for ifu in one.ifus}
                open_ifus |= {i: bound_question for i in ifus if i not in served}
        return self._answer_of(found, open_ifus, per_ifu=per_ifu)

    def _question(
        self, category: str, ifus: tuple[int, ...], *, per_ifu: bool
    ) -> Question:
        return Question(
            rule=self._model.rule(category),
            consumer=self.consumer if per_ifu else Consumer(self.frames, ifus),
            supply=self._supply(category),
            tie_break=self._model.plan.tie_break,
            bound=None,
            epoch_at=self._epoch_at,
            fits=self._fits,
        )

    def _epoch_at(self, night: date) -> object:
        return self._model.statics.epoch_at(night)

    def _supply(self, category: str) -> Supply:
        supply = self._shelf.supply(category)
        if not self.members:
            return supply
        own = [
            Candidate(category, "set", self.frames, step)
            for step in self._model.steps_making(category)
            if step.one_per == "exposure_set" and step.name != self.step.name
        ]
        return replace(supply, pools={**supply.pools, "set": Pool.of(own)})

    def _fits(self, candidate: Candidate) -> str | None:
        """Say why a candidate cannot serve the IFUs of the plan, or None."""
        step = candidate.step
        if step is None:
            return None
        if step is self.step and candidate.frames is self.frames:
            return "it is the consumer itself"
        key = (step.name, id(candidate.frames))
        if key not in self._known.faults:
            self._known.faults[key] = self._fault(step, candidate.frames)
        return self._known.faults[key]

    def _fault(self, step: Step, frames: FrameSet) -> str | None:
        if self._model.recipe(step.recipe).scope == "ifu":
            return None
        held = [i for i in self.plan_ifus if frames.holds(i)]
        return why_not_with(step, held)

    def _is_per_ifu(self, category: str) -> bool:
        frame_class = self._model.frame_class(category)
        return frame_class.scope == "ifu" or frame_class.kind == "raw"

    def _bound(
        self, question: Question, inputs: Sequence[str], asked: tuple[int, ...]
    ) -> list[tuple[Ranked | None, tuple[int, ...]]]:
        """Group the IFUs by what was chosen of the category that this one follows."""
        binding = question.rule.bound_to
        if binding is None or binding.category not in inputs:
            return [(None, asked)]
        chosen = self.answer(binding.category, inputs).by_ifu
        groups: dict[int, tuple[Ranked | None, list[int]]] = {}
        for ifu in asked:
            bound = chosen.get(ifu) or chosen.get(FIELD)
            groups.setdefault(id(bound and bound.candidate), (bound, []))[1].append(ifu)
        return [(bound, tuple(ifus)) for bound, ifus in groups.values()]

    def _answer_of(
        self,
        found: Sequence[_Found],
        open_ifus: dict[int, Question],
        *,
        per_ifu: bool,
    ) -> Answer:
        winners: dict[int, Ranked] = {}
        warnings: dict[str, None] = {}
        choices: list[Choice] = []
        for one in found:
            accepted = []
            for picked in one.picked:
                warning = rejected(one.question, picked.winner)
                if warning is None:
                    accepted.append(picked)
                else:
                    warnings[warning] = None
            winners |= _by_ifu(accepted)
            choices += [
                one.ranking.choice(one.question, picked, per_ifu=per_ifu)
                for picked in accepted
                if picked.is_chosen
            ]
        missing = []
        if open_ifus:
            question = next(iter(open_ifus.values()))
            missing.append(missing_of(question, list(open_ifus) if per_ifu else ()))
        return Answer(
            by_ifu=winners,
            choices=tuple(choices),
            missing=tuple(missing),
            warnings=tuple(warnings),
            per_ifu=per_ifu,
            uniform=len(found) == len(found[0].picked) == 1 and not missing,
        )


class _Found(NamedTuple):
    """A question, its ranking, and the candidates picked."""

    question: Question
    ranking: Ranking
    picked: Sequence[Picked]


def _by_ifu(picked: Sequence[Picked]) -> dict[int, Ranked]:
    """Give the winners in the order of the IFUs of their consumer."""
    if len(picked) == 1:
        return dict.fromkeys(picked[0].ifus, picked[0].winner)
    return dict(sorted((ifu, one.winner) for one in picked for ifu in one.ifus))


def why_not_with(step: Step, ifus: Sequence[int]) -> str | None:
    """Say why a step cannot run with these IFUs, None when it can."""
    if not ifus:
        return "it holds none of the IFUs of the plan"
    needs = step.needs
    if needs is None:
        return None
    lacking = [i for i in needs.ifus_include if i not in ifus]
    if lacking:
        return f"{step.recipe} needs IFU {ifu_words(lacking)}, which is not planned"
    if _longest_run(ifus) < needs.adjacent_ifus:
        return (
            f"{step.recipe} needs {needs.adjacent_ifus} adjacent IFUs, planned is "
            f"{ifu_words(ifus)}"
        )
    return None


def _longest_run(ifus: Sequence[int]) -> int:
    longest = run = 0
    before = -1
    for ifu in sorted(ifus):
        run = run + 1 if ifu == before + 1 else 1
        longest, before = max(longest, run), ifu
    return longest
