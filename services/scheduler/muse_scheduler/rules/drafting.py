"""Walk back from a product: drafts of tasks with their inputs, before keys exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from muse_scheduler.models import Missing
from muse_scheduler.rules.answers import Answer, Known, Unit
from muse_scheduler.rules.candidates import Candidate
from muse_scheduler.rules.drafts import (
    Draft,
    Line,
    Wishes,
    alike_ifus,
    asked_ifus,
    left_out,
    missing_for,
    or_without,
    products_of,
)
from muse_scheduler.rules.rankings import FIELD
from muse_scheduler.rules.sets import FrameSet
from muse_scheduler.rules.shelf import Shelf
from musecore.errors import InternalError
from musecore.muse.facts import Value
from musecore.muse.plan import ParameterBinding, Step, StepInput
from musecore.muse.recipes import Recipe
from musecore.muse.schema import MuseModel


class Drafter:
    """Make units and drafts, each once.

    Parameters
    ----------
    model, shelf
        Facts and frames.
    wishes
        Of the request.
    ifus
        IFUs of the plan.
    """

    def __init__(
        self, model: MuseModel, shelf: Shelf, wishes: Wishes, ifus: Sequence[int]
    ) -> None:
        self.model = model
        self.shelf = shelf
        self.wishes = wishes
        self.ifus = tuple(ifus)
        self._units: dict[tuple[str, int], Unit] = {}
        self._known = Known()
        self._drafts: dict[tuple[int, int | None], Draft] = {}
        self._open: set[tuple[int, int | None]] = set()
        self._used: dict[str, tuple[list[StepInput], dict[str, int]]] = {}
        self._parameters: dict[str, dict[str, Value]] = {}
        self._bindings: dict[str, list[ParameterBinding]] = {}
        for binding in model.plan.parameter_bindings:
            self._bindings.setdefault(binding.recipe, []).append(binding)

    def unit(
        self, step: Step, frames: FrameSet, members: Sequence[FrameSet] = ()
    ) -> Unit:
        """Give the unit of a step on a set."""
        key = (step.name, id(frames))
        if key not in self._units:
            self._units[key] = Unit(
                step,
                frames,
                self.ifus,
                self.shelf,
                self.model,
                members,
                self._known,
            )
        return self._units[key]

    def drafts(self, unit: Unit) -> list[Draft]:
        """Give all drafts of a unit: of its IFUs, or the one of the field."""
        found = [draft for draft, _ in self._each(unit)]
        return list({id(draft): draft for draft in found}.values())

    def _each(self, unit: Unit) -> list[tuple[Draft, int | None]]:
        """Give the draft of every task of a unit, with the task's IFU."""
        if not unit.per_ifu:
            return [(self.draft(unit, None), None)]
        known: dict[int, Draft] = {}
        for ifu in unit.ifus:
            if ifu not in known:
                draft = self.draft(unit, ifu)
                known |= dict.fromkeys(draft.ifus, draft)
        return [(known[ifu], ifu) for ifu in unit.ifus]

    def draft(self, unit: Unit, ifu: int | None) -> Draft:
        """Give the draft of a unit's task, with all that it stands on.

        Raises
        ------
        InternalError
            The calibration plan goes in a circle.
        """
        key = (id(unit), ifu)
        if key in self._open:
            raise InternalError(f"Step {unit.step.name} of the plan needs itself.")
        if key not in self._drafts:
            self._open.add(key)
            draft = self._drafts[key] = self._build(unit, ifu)
            self._open.discard(key)
            draft.ifus = alike_ifus(draft)
            for other in draft.ifus:
                self._drafts[id(unit), other] = draft
        return self._drafts[key]

    def _build(self, unit: Unit, ifu: int | None) -> Draft:
        draft = Draft(unit, ifu)
        draft.warnings |= dict.fromkeys(unit.frames.notes)
        self._add_trigger(draft)
        inputs, order = self._inputs(unit.step)
        categories = [entry.category for entry in inputs]
        for entry in inputs:
            if not entry.needed_when or self._is_needed(draft, entry):
                self._add(draft, entry, categories)
        draft.lines.sort(key=lambda line: order.get(line.category, 0))
        return draft

    def _inputs(self, step: Step) -> tuple[list[StepInput], dict[str, int]]:
        """Give the inputs that a step may use, those with conditions last; and places."""
        if step.name not in self._used:
            used = [entry for entry in step.inputs if self._is_used(entry)]
            used.sort(key=lambda entry: bool(entry.needed_when))
            order = {entry.category: n for n, entry in enumerate(step.inputs, 1)}
            self._used[step.name] = used, order
        return self._used[step.name]

    def _is_used(self, entry: StepInput) -> bool:
        return entry.use != "on_request" or entry.category in self.wishes.with_

    def _is_needed(self, draft: Draft, entry: StepInput) -> bool:
        by_parameter = any(test.parameter for test in entry.needed_when)
        parameters = self.parameters(draft, ()) if by_parameter else {}
        return any(
            test.holds(
                columns=draft.unit.frames.columns,
                parameters=parameters,
                categories=draft.categories,
            )
            for test in entry.needed_when
        )

    # -- the frames that a task is about

    def _add_trigger(self, draft: Draft) -> None:
        unit, tag = draft.unit, draft.unit.step.trigger
        frame_class = self.model.frame_class(tag)
        if frame_class.kind == "raw":
            name = frame_class.name_in_sof
            draft.lines += [
                Line(tag, name, draft.ifu, frame=frame)
                for frame in unit.frames.frames_of(draft.ifu)
            ]
        else:
            draft.lines += self._trigger_products(draft)
            for line in draft.lines:
                assert line.parent is not None
                draft.missing += line.parent.missing
        self._check_trigger(draft)

    def _trigger_products(self, draft: Draft) -> list[Line]:
        unit, tag = draft.unit, draft.unit.step.trigger
        lines: list[Line] = []
        counts: dict[int, int] = {}
        for maker, frames in self._about(unit):
            for parent, ifu in self._each(self.unit(maker, frames)):
                if draft.ifu not in (None, ifu):
                    continue
                if id(parent) not in counts:
                    counts[id(parent)] = products_of(parent, tag)
                lines += [
                    Line(tag, tag, ifu, parent=parent, ordinal=n)
                    for n in range(1, counts[id(parent)] + 1)
                ]
        return lines

    def _maker(self, step: Step, raw: str) -> Step:
        """Give the step that makes the trigger of another from the same frames."""
        for name in step.trigger_from:
            maker = self.model.step(name)
            if raw in maker.consumer:
                return maker
        raise InternalError(f"No step of the plan makes {step.trigger} from {raw}.")

    def _about(self, unit: Unit) -> list[tuple[Step, FrameSet]]:
        """Give the sets whose products are the trigger, and the step of each."""
        maker = self._maker(unit.step, unit.frames.tag)
        if unit.members:
            return [(maker, member) for member in unit.members]
        if maker.one_per == "exposure" and len(unit.frames.frames) > 1:
            return [(maker, found) for found in self.shelf.members(unit.frames)]
        return [(maker, unit.frames)]

    def _check_trigger(self, draft: Draft) -> None:
        unit, tag = draft.unit, draft.unit.step.trigger
        known = next((i for i in unit.recipe.inputs if i.tag == tag), None)
        minimum = known.min if known else 1
        why = unit.frames.unusable
        if why is None and len(draft.lines) < minimum:
            why = (
                f"{unit.recipe.name} needs at least {minimum} {tag}, "
                f"{unit.frames.label} gives {len(draft.lines)}"
            )
        if why is not None:
            draft.missing.append(
                Missing(
                    consumer=unit.consumer.name,
                    category=tag,
                    reason=why,
                    hint=f"Put the other {unit.frames.tag} frames, or choose others.",
                    ifus=() if draft.ifu is None else (draft.ifu,),
                )
            )

    # -- calibrations

    def _add(self, draft: Draft, entry: StepInput, inputs: Sequence[str]) -> None:
        category = entry.category
        if category in self.wishes.without:
            self._leave_out(draft, entry)
            return
        answer = draft.unit.answer(category, inputs)
        if not answer.applies:
            return
        draft.answers.append(answer)
        draft.warnings |= dict.fromkeys(answer.warnings)
        lines, faults = self._gather(draft, category, answer)
        draft.alone |= any(fault.ifus for fault in faults)
        if entry.use == "required":
            draft.lines += lines
            draft.missing += faults
            return
        obtainable = [f for f in faults if self._is_delivered(f, category)]
        if obtainable:
            draft.lines += lines
            draft.missing += [or_without(fault, category) for fault in obtainable]
            return
        good = [ln for ln in lines if ln.parent is None or not ln.parent.missing]
        draft.lines += good
        if not good:
            draft.absent[category] = None
        if faults and not self._is_quiet(category):
            draft.caveats[f"without {category}"] = None
            draft.warnings[left_out(draft, category, faults[0])] = None

    def _leave_out(self, draft: Draft, entry: StepInput) -> None:
        draft.absent[entry.category] = None
        draft.caveats[f"without {entry.category}"] = None
        if entry.use == "required":
            consumer = draft.unit.consumer
            draft.missing.append(
                Missing(
                    consumer=consumer.name,
                    category=entry.category,
                    reason=f"{draft.unit.recipe.name} cannot do without "
                    f"{entry.category}, which the request leaves out",
                    hint=f"Do not ask for a plan without {entry.category}.",
                )
            )

    def _gather(
        self, draft: Draft, category: str, answer: Answer
    ) -> tuple[list[Line], list[Missing]]:
        lines: dict[tuple[object, ...], Line] = {}
        faults: list[Missing] = []
        units: dict[int, Unit] = {}
        for ifu in asked_ifus(draft, answer):
            winner = answer.by_ifu.get(ifu)
            if winner is None:
                faults += missing_for(answer, ifu)
                continue
            candidate, number = winner.candidate, None if ifu == FIELD else ifu
            if candidate.step is None:
                for line in self._files(draft, category, candidate, number):
                    lines.setdefault(line.identity, line)
                continue
            if id(candidate) not in units:
                members = draft.unit.members if candidate.origin == "set" else ()
                unit = self.unit(candidate.step, candidate.frames, members)
                units[id(candidate)] = unit
            line = self._product(category, units[id(candidate)], number)
            lines.setdefault(line.identity, line)
            if line.parent is not None:
                faults += line.parent.missing
        return list(lines.values()), faults

    def _product(self, category: str, unit: Unit, ifu: int | None) -> Line:
        tag = self.model.frame_class(category).name_in_sof
        own = ifu if unit.per_ifu else None
        return Line(category, tag, own, parent=self.draft(unit, own))

    def _files(
        self, draft: Draft, category: str, candidate: Candidate, ifu: int | None
    ) -> list[Line]:
        tag = self.model.frame_class(category).name_in_sof
        first = candidate.frames.first
        own = ifu if set(first.ifus) == {ifu} else None
        if first.kind == "raw":
            own = draft.ifu
        frames = candidate.frames.frames_of(draft.ifu)
        return [Line(category, tag, own, frame=frame) for frame in frames]

    def _is_delivered(self, fault: Missing, category: str) -> bool:
        """Whether a chain lacks only a file that comes from outside.

        Anybody can put such a file; to leave out what it is for would hide that.
        """
        if fault.category == category:
            return False
        return self.model.frame_class(fault.category).kind == "static"

    def _is_quiet(self, category: str) -> bool:
        """Whether nobody expects this category: none is here, none is usual."""
        rule = self.model.rule(category)
        if self.shelf.supply(category).everything():
            return False
        windows = [w for level in rule.levels for w in level.within]
        return not rule.made_by or all(w.same is not None for w in windows)

    # -- parameters

    def parameters(self, draft: Draft, wanted: Collection[str]) -> dict[str, Value]:
        """Give the effective parameters: default, option, request, bindings."""
        recipe = draft.unit.recipe
        effective = dict(self._effective(recipe))
        for binding in self.bindings(draft, wanted):
            effective[binding.parameter] = _bound_value(binding, effective)
        if recipe.takes_nifu and draft.ifu is not None:
            effective["nifu"] = draft.ifu
        return effective

    def _effective(self, recipe: Recipe) -> dict[str, Value]:
        if recipe.name not in self._parameters:
            given = self.wishes.parameters.get(recipe.name)
            self._parameters[recipe.name] = recipe.effective(given)
        return self._parameters[recipe.name]

    def bindings(self, draft: Draft, wanted: Collection[str]) -> list[ParameterBinding]:
        """Give the parameter bindings of the plan that act on a task."""
        name = draft.unit.recipe.name
        if name not in self._bindings:
            return []
        given = self.wishes.parameters.get(name, {})
        return [
            binding
            for binding in self._bindings[name]
            if _acts(binding.when_wanted, wanted)
            or _acts(binding.when_missing, draft.absent)
            if not (binding.yields_to_user and binding.parameter in given)
        ]


def _acts(tags: Sequence[str], there: Collection[str]) -> bool:
    return any(tag in there for tag in tags)


def _bound_value(binding: ParameterBinding, effective: Mapping[str, Value]) -> Value:
    if binding.add is None:
        assert binding.set_to is not None
        return binding.set_to
    items = [item for item in str(effective[binding.parameter]).split(",") if item]
    return ",".join(dict.fromkeys([*items, binding.add]))
