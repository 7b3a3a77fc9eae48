"""From drafts to an outline: order, wanted products, what is missing, warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from muse_scheduler.models import (
    FanIn,
    FrameRecord,
    Missing,
    Outline,
    Target,
    Versions,
)
from muse_scheduler.rules.answers import Unit
from muse_scheduler.rules.choice import Ranked
from muse_scheduler.rules.drafting import Drafter
from muse_scheduler.rules.drafts import Draft
from muse_scheduler.rules.rankings import FIELD
from muse_scheduler.rules.writing import Writer, choices_of
from musecore.muse.plan import Caution

_SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """A target of a plan: the draft that makes it, and its tag."""

    draft: Draft
    tag: str


@dataclass
class Assembly:
    """All reachable drafts in topological order, and what is wanted of each.

    ``wanted`` maps a draft to the product tags that somebody needs, and those to the
    IFUs of which they are needed (`FIELD` for the field).
    """

    order: list[Draft] = field(default_factory=list)
    wanted: dict[int, dict[str, set[int]]] = field(default_factory=dict)

    @staticmethod
    def of(targets: Iterable[Wanted]) -> Assembly:
        """Walk back from the targets; parents come before their children."""
        found = Assembly()
        for target in targets:
            found._visit(target.draft)
            found._want(target.draft, target.tag, target.draft.ifus or (FIELD,))
        for draft in reversed(found.order):
            found._pass_on(draft)
        return found

    def _visit(self, draft: Draft) -> None:
        if id(draft) in self.wanted:
            return
        self.wanted[id(draft)] = {}
        for line in draft.lines:
            if line.parent is not None:
                self._visit(line.parent)
        self.order.append(draft)

    def _want(self, draft: Draft, tag: str, ifus: Iterable[int]) -> None:
        self.wanted[id(draft)].setdefault(tag, set()).update(ifus)

    def _pass_on(self, draft: Draft) -> None:
        """Want of the parents what the wanted tasks of a draft read."""
        mine = set().union(*self.wanted[id(draft)].values())
        for line in draft.lines:
            if line.parent is None:
                continue
            if line.ifu is None:
                ifus: Iterable[int] = (FIELD,)
            else:
                ifus = mine if draft.ifu is not None else (line.ifu,)
            self._want(line.parent, line.category, ifus)

    def parts(self, draft: Draft) -> list[tuple[tuple[int | None, ...], list[str]]]:
        """Give the tasks of a draft: IFUs of which the same products are wanted."""
        wanted = self.wanted[id(draft)]
        if draft.ifu is None:
            return [((None,), list(wanted))]
        parts: dict[tuple[str, ...], list[int | None]] = {}
        for ifu in draft.ifus:
            tags = tuple(tag for tag, ifus in wanted.items() if ifu in ifus)
            if tags:
                parts.setdefault(tags, []).append(ifu)
        return [(tuple(ifus), list(tags)) for tags, ifus in parts.items()]

    @property
    def units(self) -> list[Unit]:
        """The units of the drafts, each once."""
        return list({id(d.unit): d.unit for d in self.order}.values())

    @property
    def absent(self) -> list[FrameRecord]:
        """The inputs that are known by their metadata only, each once."""
        found = {
            frame.file_id: frame
            for draft in self.order
            for line in draft.lines
            if (frame := line.frame) is not None and frame.object_key is None
        }
        return list(found.values())


def outline_of(
    targets: Sequence[Wanted],
    drafter: Drafter,
    versions: Versions,
    fan_in: FanIn,
    warnings: Sequence[str] = (),
) -> Outline:
    """Turn the drafts that the targets stand on into units with keys.

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
    writer = Writer(drafter, versions, fan_in)
    for draft in assembly.order:
        said |= draft.warnings
        for ifus, wanted in assembly.parts(draft):
            writer.write(draft, ifus, wanted)
            said |= dict.fromkeys(_binding_warnings(drafter, draft, wanted))
    said |= dict.fromkeys(_cautions(assembly, drafter))
    obstacles = _obstacles(assembly, missing)
    if not targets:
        obstacles = ("no IFU of the plan is in the selected frames", *obstacles)
    return Outline(
        units=tuple(writer.units),
        targets=tuple(
            Target(key=writer.key(t.draft, ifu), tag=t.tag)
            for t in targets
            for ifu in t.draft.ifus or (None,)
        ),
        choices=tuple(c for unit in assembly.units for c in choices_of(unit)),
        warnings=tuple(said),
        missing=missing,
        runnable=not obstacles,
        not_runnable_because=obstacles,
    )


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
    absent = [frame.filename for frame in assembly.absent]
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
