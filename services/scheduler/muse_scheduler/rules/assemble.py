"""From drafts to a graph: order, wanted products, parameters, keys, cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from muse_scheduler.models import (
    Choice,
    FanIn,
    FrameRecord,
    Missing,
    PlannedGraph,
    PlannedInput,
    PlannedTask,
    Target,
    Versions,
)
from muse_scheduler.rules.answers import FIELD, Unit
from muse_scheduler.rules.choice import Ranked
from muse_scheduler.rules.drafting import Draft, Drafter, Line
from muse_scheduler.rules.keys import input_identities, planned_key
from musecore.muse.plan import Caution
from musecore.muse.recipes import Recipe

TIMEOUT_FACTOR = 20
TIMEOUT_MIN_S = 1800
MAX_THREADS = 2
_SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """A target of a plan: the draft that makes it, and its tag."""

    draft: Draft
    tag: str


@dataclass
class Assembly:
    """All reachable drafts in topological order, and what is wanted of each."""

    order: list[Draft] = field(default_factory=list)
    products: dict[int, dict[str, None]] = field(default_factory=dict)

    @staticmethod
    def of(targets: Iterable[Wanted]) -> Assembly:
        """Walk back from the targets; parents come before their children."""
        found = Assembly()
        for target in targets:
            found._visit(target.draft)
            found.products[id(target.draft)][target.tag] = None
        return found

    def _visit(self, draft: Draft) -> None:
        if id(draft) in self.products:
            return
        self.products[id(draft)] = {}
        for line in draft.lines:
            if line.parent is not None:
                self._visit(line.parent)
                self.products[id(line.parent)][line.category] = None
        self.order.append(draft)

    @property
    def units(self) -> list[Unit]:
        """The units of the drafts, each once."""
        return list({id(d.unit): d.unit for d in self.order}.values())

    @property
    def files(self) -> list[FrameRecord]:
        """Every file that is an input, once."""
        frames = (ln.frame for d in self.order for ln in d.lines if ln.frame)
        return list({frame.file_id: frame for frame in frames}.values())


def graph_of(
    targets: Sequence[Wanted],
    drafter: Drafter,
    versions: Versions,
    fan_in: FanIn,
    warnings: Sequence[str] = (),
) -> PlannedGraph:
    """Turn the drafts that the targets stand on into a graph with keys.

    Parameters
    ----------
    targets
        What is wanted.
    drafter
        Made the drafts.
    versions
        Of the software: part of every key.
    fan_in
        Policy of the recipes that join IFUs.
    warnings
        Said before anything else.
    """
    assembly = Assembly.of(targets)
    missing = _missing(targets)
    said = dict.fromkeys(warnings)
    writer = _Writer(drafter, versions, fan_in)
    tasks: dict[str, PlannedTask] = {}
    for draft in assembly.order:
        wanted = tuple(assembly.products[id(draft)])
        task = writer.write(draft, wanted)
        tasks.setdefault(task.key, task)
        said |= draft.warnings | dict.fromkeys(
            _binding_warnings(drafter, draft, wanted)
        )
    said |= dict.fromkeys(_cautions(assembly, drafter))
    obstacles = _obstacles(assembly, missing)
    if not targets:
        obstacles = ("no IFU of the plan is in the selected frames", *obstacles)
    return PlannedGraph(
        tasks=tuple(tasks.values()),
        targets=tuple(Target(key=writer.key(t.draft), tag=t.tag) for t in targets),
        choices=tuple(c for unit in assembly.units for c in _choices(unit)),
        warnings=tuple(said),
        missing=missing,
        runnable=not obstacles,
        not_runnable_because=obstacles,
    )


class _Writer:
    """Write drafts as tasks; parents must be written first."""

    def __init__(self, drafter: Drafter, versions: Versions, fan_in: FanIn) -> None:
        self._drafter = drafter
        self._versions = versions
        self._fan_in = fan_in
        self._keys: dict[int, str] = {}

    def key(self, draft: Draft) -> str:
        """Give the planned key of a draft that was written."""
        return self._keys[id(draft)]

    def write(self, draft: Draft, wanted: Sequence[str]) -> PlannedTask:
        """Write one task; ``wanted`` are the products that somebody needs."""
        unit, recipe = draft.unit, draft.unit.recipe
        parameters = self._drafter.parameters(draft, wanted)
        inputs = self._inputs(draft.lines)
        sha256 = {
            str(ln.frame.file_id): ln.frame.sha256 for ln in draft.lines if ln.frame
        }
        key = planned_key(
            recipe.name,
            draft.ifu,
            parameters,
            input_identities(inputs, sha256),
            self._versions,
        )
        self._keys[id(draft)] = key
        pairs = _pairs(draft)
        est_s = recipe.expected.wall(pairs)
        return PlannedTask(
            key=key,
            recipe=recipe.name,
            ifu=draft.ifu,
            group=unit.frames.label,
            parameters=parameters,
            set_parameters=_set_parameters(draft, parameters),
            inputs=inputs,
            outputs=tuple(wanted),
            threads=MAX_THREADS if recipe.expected.threads_gain else 1,
            est_s=est_s,
            memory_mb=round(recipe.expected.memory(pairs)),
            timeout_s=max(TIMEOUT_MIN_S, round(TIMEOUT_FACTOR * est_s)),
            caveats=tuple(draft.caveats),
            fan_in=self._fan_in if _joins_ifus(recipe) else FanIn(),
            choices=tuple(c for c in _choices(unit) if _concerns(c, draft.ifu)),
        )

    def _inputs(self, lines: Sequence[Line]) -> tuple[PlannedInput, ...]:
        counts: dict[str, int] = {}
        inputs = []
        for line in lines:
            counts[line.tag] = counts.get(line.tag, 0) + 1
            parent = line.parent
            inputs.append(
                PlannedInput(
                    tag=line.tag,
                    ordinal=line.ordinal if parent else counts[line.tag],
                    ifu=line.ifu,
                    file_id=line.frame.file_id if line.frame else None,
                    from_key=self.key(parent) if parent else None,
                    from_tag=line.category if parent else None,
                )
            )
        return tuple(inputs)


def _joins_ifus(recipe: Recipe) -> bool:
    """Whether one task of a recipe waits for products of several IFUs."""
    return recipe.scope == "field" and any(entry.per_ifu for entry in recipe.inputs)


def _set_parameters(draft: Draft, parameters: dict[str, Any]) -> dict[str, Any]:
    """Give what must be said to the recipe; the worker itself says ``nifu``."""
    defaults = draft.unit.recipe.defaults()
    return {
        name: value
        for name, value in parameters.items()
        if name != "nifu" and value != defaults.get(name)
    }


def _pairs(draft: Draft) -> int:
    """Count the (IFU, exposure) pairs among the inputs."""
    if draft.ifu is not None:
        return 1
    exposures = max(1, len(draft.unit.members))
    return max(1, len(draft.unit.ifus)) * exposures


def _concerns(choice: Choice, ifu: int | None) -> bool:
    return ifu is None or not choice.ifus or ifu in choice.ifus


def _choices(unit: Unit) -> list[Choice]:
    """Give the choices of a unit, in the order of its inputs."""
    return [
        choice
        for entry in unit.step.inputs
        if (answer := unit.answered(entry.category)) is not None
        for choice in answer.choices
    ]


def _missing(targets: Sequence[Wanted]) -> tuple[Missing, ...]:
    """Gather what is missing; the same for several IFUs is said once."""
    found: dict[tuple[str, str, str], set[int]] = {}
    first: dict[tuple[str, str, str], Missing] = {}
    for target in targets:
        for entry in target.draft.missing:
            key = (entry.consumer, entry.category, entry.reason)
            first.setdefault(key, entry)
            found.setdefault(key, set()).update(entry.ifus)
    return tuple(
        entry.model_copy(update={"ifus": tuple(sorted(found[key]))})
        for key, entry in first.items()
    )


def _obstacles(assembly: Assembly, missing: Sequence[Missing]) -> tuple[str, ...]:
    first = {entry.category: entry for entry in reversed(missing)}
    counts = Counter(entry.category for entry in missing)
    obstacles = [
        entry.reason + _and_more(counts[category] - 1)
        for category, entry in reversed(first.items())
    ]
    absent = [f.filename for f in assembly.files if f.object_key is None]
    if absent:
        more = f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else ""
        obstacles.append(
            f"{len(absent)} input files are known by their metadata only, put them "
            f"first: {', '.join(absent[:_SHOWN])}{more}"
        )
    return tuple(obstacles)


def _and_more(number: int) -> str:
    if number == 0:
        return ""
    return f" (nor for {number} other{'s' * (number > 1)})"


def _binding_warnings(
    drafter: Drafter, draft: Draft, wanted: Sequence[str]
) -> list[str]:
    return [
        binding.warning.format(
            consumer=f"{draft.unit.frames.tag} {draft.unit.frames.label}"
        )
        for binding in drafter.bindings(draft, wanted)
        if binding.warning
    ]


def _cautions(assembly: Assembly, drafter: Drafter) -> list[str]:
    """Warn of calibrations that were made with others than those chosen here."""
    said: dict[str, None] = {}
    for unit in assembly.units:
        for caution in drafter.model.plan.cautions:
            said |= dict.fromkeys(_caution(unit, caution, drafter))
    return list(said)


def _caution(unit: Unit, caution: Caution, drafter: Drafter) -> list[str]:
    made, used = unit.answered(caution.of), unit.answered(caution.used)
    if made is None or used is None:
        return []
    said: dict[str, None] = {}
    for ifu, ranked in made.by_ifu.items():
        here = used.by_ifu.get(ifu) or used.by_ifu.get(FIELD)
        there = _used_by(ranked, caution.used, ifu, drafter)
        if here is None or there is None:
            continue
        if here.candidate.frames is not there.candidate.frames:
            text = caution.warning.format(
                of_choice=ranked.candidate.label,
                other=there.candidate.label,
                choice=here.candidate.label,
            )
            said[f"{unit.frames.tag} {unit.consumer.name}: {text}"] = None
    return list(said)


def _used_by(made: Ranked, category: str, ifu: int, drafter: Drafter) -> Ranked | None:
    candidate = made.candidate
    if candidate.step is None:
        return None
    answer = drafter.unit(candidate.step, candidate.frames).answered(category)
    if answer is None:
        return None
    return answer.by_ifu.get(ifu) or answer.by_ifu.get(FIELD)
