"""Write drafts as units: parameters, keys, cost, choices, once for all IFUs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from muse_scheduler.models import (
    NIFU,
    Choice,
    FanIn,
    Outline,
    PlannedGraph,
    PlannedUnit,
    UnitInput,
    Versions,
)
from muse_scheduler.rules.answers import Unit
from muse_scheduler.rules.drafting import Drafter
from muse_scheduler.rules.drafts import Draft, Line
from muse_scheduler.rules.keys import KeyForm
from musecore.muse.recipes import Recipe

TIMEOUT_FACTOR = 20
TIMEOUT_MIN_S = 1800
MAX_THREADS = 2

Ifus = tuple[int | None, ...]


class Writer:
    """Write drafts as units; parents must be written first.

    Attributes
    ----------
    units
        In the order of writing. A task that two drafts make is in the first one.
    """

    def __init__(self, drafter: Drafter, versions: Versions, fan_in: FanIn) -> None:
        self.units: list[PlannedUnit] = []
        self._drafter = drafter
        self._versions = versions
        self._fan_in = fan_in
        self._settings: dict[tuple[str, bool, tuple[int, ...]], _Setting] = {}
        self._by_key: dict[str, PlannedUnit] = {}
        self._of: dict[tuple[int, int | None], PlannedUnit] = {}
        self._units_of: dict[int, set[UUID]] = {}
        self._inputs_of: dict[tuple[_Shared, tuple[int, ...]], UnitInput] = {}

    def key(self, draft: Draft, ifu: int | None) -> str:
        """Give the planned key of a task that was written."""
        return self._of[id(draft), ifu].key_of[ifu]

    def write(self, draft: Draft, ifus: Ifus, wanted: Sequence[str]) -> None:
        """Write the tasks of a draft of which the products `wanted` are needed."""
        parents = [
            line.parent
            for line in draft.lines
            if line.parent is not None
            and draft.ifu is not None
            and line.ifu is not None
        ]
        if all(len(self._units_of[id(parent)]) == 1 for parent in parents):
            self._write(draft, ifus, wanted)
            return
        groups: dict[tuple[int, ...], list[int | None]] = {}
        for ifu in ifus:
            above = tuple([id(self._of[id(parent), ifu]) for parent in parents])
            groups.setdefault(above, []).append(ifu)
        for group in groups.values():
            self._write(draft, group, wanted)

    def _write(
        self, draft: Draft, ifus: Sequence[int | None], wanted: Sequence[str]
    ) -> None:
        setting = self._setting(draft, wanted)
        keys = list(zip(ifus, self._keys(draft, ifus, setting.form), strict=True))
        new = [(ifu, key) for ifu, key in keys if key not in self._by_key]
        if new:
            inputs = self._inputs(draft, ifus[0])
            unit = self._unit(draft, setting, inputs, wanted, new)
            self.units.append(unit)
            self._by_key |= dict.fromkeys([key for _, key in new], unit)
        written = self._units_of.setdefault(id(draft), set())
        for ifu, key in keys:
            unit = self._of[id(draft), ifu] = self._by_key[key]
            written.add(unit.unit_id)

    def _unit(
        self,
        draft: Draft,
        setting: _Setting,
        inputs: tuple[UnitInput, ...],
        wanted: Sequence[str],
        new: Sequence[tuple[int | None, str]],
    ) -> PlannedUnit:
        unit, recipe = draft.unit, draft.unit.recipe
        pairs = _pairs(draft)
        est_s = recipe.expected.wall(pairs)
        written = PlannedUnit(
            unit_id=_NOBODY,
            recipe=recipe.name,
            group=unit.frames.label,
            takes_nifu=setting.takes_nifu,
            parameters=setting.parameters,
            set_parameters=setting.set_parameters,
            inputs=inputs,
            outputs=tuple(wanted),
            threads=MAX_THREADS if recipe.expected.threads_gain else 1,
            est_s=est_s,
            memory_mb=round(recipe.expected.memory(pairs)),
            timeout_s=max(TIMEOUT_MIN_S, round(TIMEOUT_FACTOR * est_s)),
            caveats=tuple(draft.caveats),
            fan_in=self._fan_in if _joins_ifus(recipe) else FanIn(),
            ifus=tuple(ifu for ifu, _ in new),
            keys=tuple(key for _, key in new),
            choices=tuple(c for c in choices_of(unit) if _concerns(c, draft.ifu)),
        )
        return with_id(written)

    # -- keys

    def _keys(
        self, draft: Draft, ifus: Sequence[int | None], form: KeyForm
    ) -> list[str]:
        texts = [""]
        own: list[Mapping[int | None, str]] = []
        for n, line in enumerate(draft.lines):
            head, parent, tail = self._identity(draft, line)
            texts[-1] += f",{head}" if n else head
            if parent is not None:
                own.append(self._of[id(parent), ifus[0]].key_of)
                texts.append("")
            texts[-1] += tail
        return [
            form.key(
                ifu,
                texts[0]
                + "".join(
                    keys[ifu] + text for keys, text in zip(own, texts[1:], strict=True)
                ),
            )
            for ifu in ifus
        ]

    def _identity(self, draft: Draft, line: Line) -> tuple[str, Draft | None, str]:
        """Give an input's identity as in `keys.input_identities`, in canonical form.

        Where it holds the key of a parent of the task's own IFU, that parent stands
        between what comes before and after.
        """
        tag = _quoted(line.tag)
        if line.parent is None:
            assert line.frame is not None
            return f'[{tag},"{line.frame.sha256}"]', None, ""
        head, tail = f'[{tag},"', f'",{_quoted(line.category)},{line.ordinal}]'
        if draft.ifu is not None and line.ifu is not None:
            return head, line.parent, tail
        return f"{head}{self.key(line.parent, line.ifu)}{tail}", None, ""

    def _setting(self, draft: Draft, wanted: Sequence[str]) -> _Setting:
        """Give the parameters of tasks, found once for all that share them."""
        recipe = draft.unit.recipe
        takes_nifu = recipe.takes_nifu and draft.ifu is not None
        bound = self._drafter.bindings(draft, wanted)
        name = (recipe.name, takes_nifu, tuple([id(binding) for binding in bound]))
        if name not in self._settings:
            parameters = self._drafter.parameters(draft, wanted)
            if takes_nifu:
                parameters[NIFU] = 0
            own = NIFU if takes_nifu else None
            self._settings[name] = _Setting(
                parameters,
                _set_parameters(recipe, parameters),
                takes_nifu,
                KeyForm(recipe.name, parameters, own, self._versions),
            )
        return self._settings[name]

    # -- inputs

    def _inputs(self, draft: Draft, ifu: int | None) -> tuple[UnitInput, ...]:
        counts: Counter[str] = Counter()
        found: list[_Entry] = []
        for line in draft.lines:
            counts[line.tag] += 1
            entry, one = self._entry(draft, line, ifu, counts[line.tag])
            last = found[-1] if found else None
            if last is not None and one is not None and last.goes_on(entry):
                last.ifus.append(one)
            else:
                found.append(_Entry(entry, [] if one is None else [one]))
        return tuple(self._written(entry) for entry in found)

    def _written(self, entry: _Entry) -> UnitInput:
        """Give an input as it is kept; the exposures of a night mostly share them."""
        same = (entry.shared, tuple(entry.ifus))
        known = self._inputs_of.get(same)
        if known is None:
            known = self._inputs_of[same] = entry.written()
        return known

    def _entry(
        self, draft: Draft, line: Line, ifu: int | None, count: int
    ) -> tuple[_Shared, int | None]:
        """Give what an input says apart from an IFU of its own, and that IFU."""
        own = draft.ifu is not None and line.ifu is not None
        one = None if own else line.ifu
        if line.frame is not None:
            return (line.tag, count, own, line.frame.file_id, None, None), one
        assert line.parent is not None
        parent = self._of[id(line.parent), ifu if own else line.ifu]
        shared = (line.tag, line.ordinal, own, None, parent.unit_id, line.category)
        return shared, one


class _Setting(NamedTuple):
    """Effective parameters, those to be said to the recipe, and the form of keys."""

    parameters: dict[str, Any]
    set_parameters: dict[str, Any]
    takes_nifu: bool
    form: KeyForm


_Shared = tuple[str, int, bool, UUID | None, UUID | None, str | None]
"""Tag, ordinal, own, file, unit, the tag that it has there."""


class _Entry(NamedTuple):
    """An input of a unit in the making."""

    shared: _Shared
    ifus: list[int]

    def goes_on(self, other: _Shared) -> bool:
        """Whether another is the next IFU of the same products."""
        return bool(self.ifus) and other[4] is not None and self.shared == other

    def written(self) -> UnitInput:
        tag, ordinal, own, file_id, unit_id, from_tag = self.shared
        said: dict[str, Any] = {"tag": tag, "ordinal": ordinal, "own": own}
        if self.ifus:
            said["ifus"] = tuple(self.ifus)
        if file_id is not None:
            return UnitInput(**said, file_id=file_id)
        return UnitInput(**said, unit_id=unit_id, from_tag=from_tag)


@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_NOBODY = UUID(int=0)


def with_id(unit: PlannedUnit) -> PlannedUnit:
    """Give a unit the id that follows from all that is in it."""
    text, choices = unit.written
    if unit.choices:
        text = f'{text[:-1]},"choices":{choices}}}'
    value = hashlib.sha256(text.encode()).digest()[:16]
    number = int.from_bytes(value) & ~(0xF << 76 | 0b11 << 62)
    return unit.model_copy(
        update={"unit_id": UUID(int=number | 0x8 << 76 | 0b10 << 62)}
    )


def outline_from(graph: PlannedGraph) -> Outline:
    """Give a plan that was kept task by task: each task is a unit of its own."""
    units: dict[str, PlannedUnit] = {}
    for task in graph.tasks:
        shared = task.model_dump(exclude={"key", "ifu", "inputs", "choices"})
        unit = PlannedUnit(
            **shared,
            unit_id=_NOBODY,
            takes_nifu=task.ifu is not None and NIFU in task.parameters,
            inputs=tuple(
                UnitInput(
                    tag=entry.tag,
                    ordinal=entry.ordinal,
                    ifus=() if entry.ifu is None else (entry.ifu,),
                    file_id=entry.file_id,
                    unit_id=units[entry.from_key].unit_id if entry.from_key else None,
                    from_tag=entry.from_tag,
                )
                for entry in task.inputs
            ),
            ifus=(task.ifu,),
            keys=(task.key,),
            choices=task.choices,
        )
        units[task.key] = with_id(unit)
    rest = {
        name: getattr(graph, name) for name in Outline.model_fields.keys() - {"units"}
    }
    return Outline(units=tuple(units.values()), **rest)


def with_caveat(outline: Outline, caveat: str, recipes: Collection[str]) -> Outline:
    """Give the same plan with a caveat on the tasks of some recipes."""
    ids: dict[UUID, UUID] = {}
    units = []
    for unit in outline.units:
        caveats = (*unit.caveats, caveat) if unit.recipe in recipes else unit.caveats
        inputs = tuple(
            entry.model_copy(update={"unit_id": ids[entry.unit_id]})
            if entry.unit_id
            else entry
            for entry in unit.inputs
        )
        units.append(with_id(unit.changed(caveats=caveats, inputs=inputs)))
        ids[unit.unit_id] = units[-1].unit_id
    return outline.model_copy(update={"units": tuple(units)})


def choices_of(unit: Unit) -> list[Choice]:
    """Give the choices of a unit, in the order of its inputs."""
    return [
        choice
        for entry in unit.step.inputs
        if (answer := unit.answered(entry.category)) is not None
        for choice in answer.choices
    ]


def _concerns(choice: Choice, ifu: int | None) -> bool:
    return ifu is None or not choice.ifus or ifu in choice.ifus


def _joins_ifus(recipe: Recipe) -> bool:
    """Whether one task of a recipe waits for products of several IFUs."""
    return recipe.scope == "field" and any(entry.per_ifu for entry in recipe.inputs)


def _set_parameters(recipe: Recipe, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give what must be said to the recipe; the worker itself says ``nifu``."""
    defaults = recipe.defaults()
    return {
        name: value
        for name, value in parameters.items()
        if name != NIFU and value != defaults.get(name)
    }


def _pairs(draft: Draft) -> int:
    """Count the (IFU, exposure) pairs among the inputs."""
    if draft.ifu is not None:
        return 1
    exposures = max(1, len(draft.unit.members))
    return max(1, len(draft.unit.ifus)) * exposures
