"""Drafts of tasks: what stands in a task in the making, and questions to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from muse_scheduler.models import FrameRecord, Missing
from muse_scheduler.rules.answers import Answer, Unit
from muse_scheduler.rules.rankings import FIELD
from musecore.muse.facts import Value


@dataclass(eq=False)
class Line:
    """One line of a set of frames: a file, or a product of a parent."""

    category: str
    tag: str
    ifu: int | None
    frame: FrameRecord | None = None
    parent: Draft | None = None
    ordinal: int = 1

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two lines the same one."""
        source = self.frame.file_id if self.frame else id(self.parent)
        return self.tag, source, self.ifu, self.category, self.ordinal


@dataclass(eq=False)
class Draft:
    """A task in the making, and others of its unit that differ in the IFU alone.

    ``ifu`` is the one that it was drafted for; a line of that IFU stands for one of
    their own IFU in the drafts of all ``ifus``. ``absent`` are the categories that it
    could use and does without; ``missing`` what it needs and nobody has, its parents'
    included.
    """

    unit: Unit
    ifu: int | None
    ifus: tuple[int, ...] = ()
    alone: bool = False  # what was found out concerns this IFU and not others
    answers: list[Answer] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    absent: dict[str, None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    caveats: dict[str, None] = field(default_factory=dict)

    @property
    def categories(self) -> set[str]:
        """What it has among its inputs."""
        return {line.category for line in self.lines}


@dataclass(frozen=True)
class Wishes:
    """What a request changes of the plan: parameters, tags added and left out."""

    parameters: Mapping[str, Mapping[str, Value]]
    without: frozenset[str] = frozenset()
    with_: frozenset[str] = frozenset()


def alike_ifus(draft: Draft) -> tuple[int, ...]:
    """Give the IFUs of its unit for which the same draft would come out.

    They have the same frames, the same choices with the same reasons, and parents
    that are alike too.
    """
    unit, ifu = draft.unit, draft.ifu
    if ifu is None:
        return ()
    if draft.alone or draft.missing:
        return (ifu,)
    found = set(unit.ifus)
    if unit.frames.chips is not None:
        found &= unit.frames.alike(ifu)
    for answer in draft.answers:
        found &= answer.alike(ifu, found)
    for line in draft.lines:
        if line.parent is not None and line.parent.ifu is not None:
            found &= set(line.parent.ifus)
    return tuple(one for one in unit.ifus if one in found)


def asked_ifus(draft: Draft, answer: Answer) -> Sequence[int]:
    """Give the IFUs of an answer that a draft asks for."""
    if not answer.per_ifu:
        return (FIELD,)
    return draft.unit.ifus if draft.ifu is None else (draft.ifu,)


def missing_for(answer: Answer, ifu: int) -> list[Missing]:
    """Give what an answer lacks, told of one IFU."""
    return [
        replace_ifus(m, (ifu,)) if ifu in m.ifus else m
        for m in answer.missing
        if ifu in m.ifus or not m.ifus
    ]


def replace_ifus(missing: Missing, ifus: tuple[int, ...]) -> Missing:
    """Give the same finding for other IFUs."""
    return missing.model_copy(update={"ifus": ifus})


def products_of(parent: Draft, tag: str) -> int:
    """Files of a tag that a task writes: one for each exposure where it says so."""
    output = next((o for o in parent.unit.recipe.outputs if o.tag == tag), None)
    if output is None or output.one_per != "exposure":
        return 1
    return len(parent.unit.frames.frames_of(parent.ifu))


def or_without(fault: Missing, category: str) -> Missing:
    """Give a finding that also says how to plan without the category."""
    return fault.model_copy(
        update={"hint": f"{fault.hint} Or plan without {category}."}
    )


def left_out(draft: Draft, category: str, fault: Missing) -> str:
    """Give the sentence that says why an optional input is left out."""
    if fault.category == category:
        return f"{category} is left out: {fault.reason}"
    consumer = f"{draft.unit.frames.tag} {draft.unit.consumer.name}"
    return f"{category} is left out for {consumer}: {fault.reason}"
