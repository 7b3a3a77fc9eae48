"""Frames that belong together: template sets, single exposures, statics.

A set is grouped by TPL.START or is one frame alone, as frames.yaml says for its
class. Frames that people marked as bad are left out, and a template with mixed setups
is split.
"""

from __future__ import annotations

import hashlib
import operator
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from muse_scheduler.models import ChipSetup, FrameRecord
from musecore.muse.facts import matches
from musecore.muse.frames import FrameClass
from musecore.times import DAY_US

GAP_US = 10 * 60 * 1_000_000
"""Longest pause between frames of a set that carry no TPL.START (data model (f))."""

_NO_TIME = 1 << 62


@dataclass(frozen=True, eq=False)
class FrameSet:
    """Frames that are used together, in order of time.

    ``quality`` is 1 for a complete set and 0 for one with `flags`; ``unusable`` says
    why a set makes no product, None when it may.
    """

    tag: str
    label: str  # TPL START of a template, ARCFILE of a single frame
    shown: str  # what a choice calls it: a lone frame of a template by its TPL START
    frames: tuple[FrameRecord, ...]
    sha256: str
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    unusable: str | None
    min_set: int

    @cached_property
    def first(self) -> FrameRecord:
        """The earliest frame: it gives the set its time, night and setup."""
        return self.frames[0]

    @cached_property
    def mjd_us(self) -> int | None:
        """Start of the first frame, microseconds of MJD (UTC)."""
        return self.first.mjd_us

    @cached_property
    def night(self) -> str | None:
        """Observing night of the first frame, ISO date."""
        return self.first.night

    @property
    def quality(self) -> int:
        """1 for a complete set, 0 for one with flags."""
        return 0 if self.flags else 1

    @cached_property
    def columns(self) -> dict[str, Any]:
        """Typed columns; where the first frame lacks one, the next that has it."""
        merged: dict[str, Any] = {}
        for frame in reversed(self.frames):
            merged |= {k: v for k, v in frame.keywords.items() if v is not None}
        if self.mjd_us is not None:
            merged["mjd_obs"] = self.mjd_us / DAY_US
        return merged | {"night": self.night}

    @cached_property
    def chips(self) -> dict[int, ChipSetup] | None:
        """Detector of every IFU that enough frames hold; None: not known."""
        if not any(frame.ifus for frame in self.frames):
            return None
        if len(self.frames) == self.min_set == 1:
            found = self.first.ifus
            return {n: found[n] for n in sorted(found) if found[n].live}
        counts: dict[int, int] = defaultdict(int)
        chips: dict[int, ChipSetup] = {}
        for frame in self.frames:
            for ifu, chip in frame.ifus.items():
                if chip.live:
                    counts[ifu] += 1
                    chips.setdefault(ifu, chip)
        return {n: chips[n] for n in sorted(chips) if counts[n] >= self.min_set}

    @cached_property
    def detectors(self) -> object:
        """What `chips` says, to compare by: mostly the same object where it is equal."""
        if self.chips is None:
            return None
        chips = self.chips.items()
        return _token(tuple((n, c.chip_id, c.chip_name) for n, c in chips))

    def values(self, columns: tuple[str, ...]) -> tuple[Any, ...]:
        """Give some columns, None where they are not known; the time in microseconds."""
        if columns not in self._values:
            self._values[columns] = tuple(
                self.mjd_us if column == "mjd_obs" else self.columns.get(column)
                for column in columns
            )
        return self._values[columns]

    @cached_property
    def _values(self) -> dict[tuple[str, ...], tuple[Any, ...]]:
        return {}

    @cached_property
    def without(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Which of some columns are not known; filled by `lacking`."""
        return {}

    @cached_property
    def served(self) -> dict[tuple[object, ...], frozenset[int]]:
        """Which IFUs of consumers with some detectors it serves; filled by `served`."""
        return {}

    def holds(self, ifu: int) -> bool:
        """Whether enough frames hold a live detector of this IFU."""
        return self.chips is None or ifu in self.chips

    def frames_of(self, ifu: int | None) -> tuple[FrameRecord, ...]:
        """Give the frames that one IFU's recipe reads (None: all of them)."""
        if ifu is None or self.chips is None:
            return self.frames
        chip = self.chips[ifu]
        return tuple(f for f in self.frames if _same_chip(f.ifus.get(ifu), chip))

    def alike(self, ifu: int) -> set[int]:
        """Give the IFUs whose recipes read the same frames as that of `ifu`."""
        if ifu not in self._alike:
            mine = self.frames_of(ifu)
            self._alike[ifu] = {n for n in self.chips or () if self._reads(n, mine)}
        return self._alike[ifu]

    def _reads(self, ifu: int, frames: tuple[FrameRecord, ...]) -> bool:
        own = self.frames_of(ifu)
        return len(own) == len(frames) and all(map(operator.is_, own, frames))

    @cached_property
    def _alike(self) -> dict[int, set[int]]:
        return {}


@lru_cache(maxsize=1024)
def _token(detectors: tuple[tuple[int, str | None, str | None], ...]) -> object:
    """Give an object for some detectors, quick to compare and to look up."""
    del detectors
    return object()


def _same_chip(chip: ChipSetup | None, reference: ChipSetup) -> bool:
    return chip is not None and chip.live and matches(chip.chip_id, reference.chip_id)


def time_order(frame: FrameRecord) -> tuple[int, str, str]:
    """Give the order of frames inside a set; frames without a time come last."""
    time = _NO_TIME if frame.mjd_us is None else frame.mjd_us
    return time, frame.sha256, frame.tag


def group_frames(
    frames: Sequence[FrameRecord],
    frame_class: FrameClass,
    setup: Sequence[str] = (),
) -> list[FrameSet]:
    """Group the frames of one class into sets.

    Parameters
    ----------
    frames
        Frames of the class, twins already removed, in any order.
    frame_class
        Says by what to group and how many frames a set needs.
    setup
        Columns that must agree inside a set; a template that mixes them is split.

    Returns
    -------
    list
        In order of time. A set without a single valid frame is not in it.
    """
    ordered = sorted(frames, key=time_order)
    if frame_class.group_by != "tpl_start":
        return [
            _make_set(frame_class, frame.arcfile, [frame], 1)
            for frame in ordered
            if frame.is_valid is not False
        ]
    sets: list[FrameSet] = []
    for label, members in _templates(ordered).items():
        for part in _split(members, setup):
            valid = [frame for frame in part if frame.is_valid is not False]
            if valid:
                sets.append(_make_set(frame_class, label, valid, len(part)))
    return sorted(sets, key=lambda s: time_order(s.first))


def single(frame: FrameRecord, frame_class: FrameClass) -> FrameSet:
    """Make the set of one frame alone, labelled by its ARCFILE."""
    grouped = frame_class.group_by == "tpl_start"
    return _make_set(frame_class, frame.arcfile, [frame], 1, alone=grouped)


def _templates(ordered: Sequence[FrameRecord]) -> dict[str, list[FrameRecord]]:
    """Group by TPL.START; frames without one by pauses of at most `GAP_US`."""
    groups: dict[str, list[FrameRecord]] = {}
    loose: dict[Any, list[FrameRecord]] = {}
    for frame in ordered:
        label = frame.keywords.get("tpl_start")
        if label is not None:
            groups.setdefault(str(label), []).append(frame)
            continue
        mode = frame.keywords.get("ins_mode")
        members = loose.get(mode)
        if members is None or not _close(members[-1], frame):
            members = loose[mode] = groups.setdefault(frame.arcfile, [])
        members.append(frame)
    return groups


def _close(before: FrameRecord, after: FrameRecord) -> bool:
    if before.mjd_us is None or after.mjd_us is None:
        return False
    return after.mjd_us - before.mjd_us <= GAP_US


def _split(
    members: Sequence[FrameRecord], setup: Sequence[str]
) -> list[list[FrameRecord]]:
    """Split a template whose frames differ in a setup column.

    A column that a frame lacks agrees with any value, unless the others disagree.
    """
    mixed = [c for c in setup if len(_values(members, c)) > 1]
    parts: dict[tuple[str, ...], list[FrameRecord]] = defaultdict(list)
    for frame in members:
        parts[tuple(str(frame.keywords.get(c)) for c in mixed)].append(frame)
    return list(parts.values())


def _values(members: Sequence[FrameRecord], column: str) -> set[Any]:
    return {frame.keywords.get(column) for frame in members} - {None}


def _make_set(
    frame_class: FrameClass,
    label: str,
    frames: Sequence[FrameRecord],
    seen: int,
    *,
    alone: bool = False,
) -> FrameSet:
    minimum = 1 if alone else frame_class.min_set or 1
    count = len(frames)
    flags, notes = ((), ()) if alone else _judge(frame_class, label, frames, seen)
    notes = (*notes, *_versions(frames))
    unusable = None
    if count < minimum:
        unusable = (
            f"the {frame_class.tag} set {label} has {count} usable "
            f"frame{'s' * (count != 1)}, at least {minimum} are needed"
        )
    return FrameSet(
        tag=frame_class.tag,
        label=label,
        shown=_template_of(frames[0], label) if alone else label,
        frames=tuple(frames),
        sha256=_set_sha256(frames),
        flags=flags,
        notes=notes,
        unusable=unusable,
        min_set=minimum,
    )


def _versions(frames: Sequence[FrameRecord]) -> list[str]:
    """Give a sentence for each exposure that was delivered more than once."""
    return [
        f"{frame.tag} {frame.arcfile} was delivered {frame.replaces + 1} times with "
        f"other content: {str(frame.file_id)[:8]} is used, the last one that can be"
        for frame in frames
        if frame.replaces
    ]


def _template_of(frame: FrameRecord, label: str) -> str:
    return str(frame.keywords.get("tpl_start") or label)


def _set_sha256(frames: Sequence[FrameRecord]) -> str:
    """Identity of a set: a single frame's own sha256, else over all of them."""
    if len(frames) == 1:
        return frames[0].sha256
    joined = "".join(sorted(frame.sha256 for frame in frames))
    return hashlib.sha256(joined.encode()).hexdigest()


def _judge(
    frame_class: FrameClass, label: str, frames: Sequence[FrameRecord], seen: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the quality flags of a set and the sentences that explain them."""
    if frame_class.group_by != "tpl_start" or frame_class.kind != "raw":
        return (), ()
    count, tag = len(frames), frame_class.tag
    flags: list[str] = []
    notes: list[str] = []
    if seen > count:
        notes.append(
            f"{tag} set {label}: {seen - count} of {seen} frames are marked as not "
            "valid and left out"
        )
    wanted = _wanted_count(frames, seen)
    if count < wanted:
        flags.append("incomplete_template")
        notes.append(f"{tag} set {label} is degraded: {count} of {wanted} frames")
    if count < (frame_class.normal_set or 0):
        flags.append("small_set")
        notes.append(
            f"{tag} set {label} is small: {count} frames, "
            f"{frame_class.normal_set} are normal"
        )
    return tuple(flags), tuple(notes)


def _wanted_count(frames: Sequence[FrameRecord], seen: int) -> int:
    """TPL.NEXP; where it is not known, the number of rows of the template."""
    declared: list[int] = [
        int(frame.keywords["tpl_nexp"])
        for frame in frames
        if isinstance(frame.keywords.get("tpl_nexp"), int | float)
    ]
    return max(declared, default=seen)


def combine(sets: Sequence[FrameSet], label: str) -> FrameSet:
    """Join exposures to one set; it holds the IFUs that all of them hold."""
    frames = tuple(sorted((f for s in sets for f in s.frames), key=time_order))
    return FrameSet(
        tag=sets[0].tag,
        label=label,
        shown=label,
        frames=frames,
        sha256=_set_sha256(frames),
        flags=(),
        notes=(),
        unusable=None,
        min_set=len(frames),
    )
