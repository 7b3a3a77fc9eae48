"""What could calibrate: candidates of a category, sorted in time, and how they match."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from muse_scheduler.models import ChipSetup
from muse_scheduler.rules.sets import FrameSet
from musecore.muse.facts import matches
from musecore.muse.plan import Level, Step, Window
from musecore.times import DAY_US

CHIP_COLUMNS = frozenset({"chip_id", "chip_name"})
"""Match columns that live in the CHANnn extensions; fields of `ChipSetup`."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A set or a file that gives a category, and the step that makes it so.

    ``step`` None: it is the category already (a delivered file, a raw ILLUM).
    """

    category: str
    origin: str  # raw class, "static", "raw" or "user"
    frames: FrameSet
    step: Step | None

    @cached_property
    def label(self) -> str:
        """TPL START of a set, ARCFILE of a single frame or static."""
        return self.frames.shown

    @cached_property
    def merits(self) -> dict[str, Any]:
        """Places in the order that do not depend on the consumer, by name."""
        text = str(self.frames.columns.get("pro_rec1_pipe_id", ""))
        numbers = [int(part) for part in re.findall(r"\d+", text)]
        return {
            "higher_quality": -self.frames.quality,
            # newest first; what is made here is made by the newest
            "newer_pipeline": [-(1 << 30)] if self.step else [-n for n in numbers],
            "smaller_sha256": (self.frames.sha256, self.label),
        }


class Consumer(NamedTuple):
    """What is calibrated: the frames of one task, by the first of them.

    ``ifus`` are the IFUs that are planned for it.
    """

    frames: FrameSet
    ifus: tuple[int, ...]

    @property
    def name(self) -> str:
        """ARCFILE of the first frame."""
        return self.frames.first.arcfile

    @property
    def tag(self) -> str:
        """Class of the frames."""
        return self.frames.tag


@dataclass(frozen=True)
class Pool:
    """Candidates of one category and origin, sorted in time."""

    timed: tuple[Candidate, ...]
    times: tuple[int, ...]
    timeless: tuple[Candidate, ...]

    @staticmethod
    def of(candidates: Iterable[Candidate]) -> Pool:
        """Sort candidates in time; those without a time are kept apart."""
        every = sorted(
            candidates, key=lambda c: (c.frames.mjd_us or 0, c.frames.sha256)
        )
        timed = tuple(c for c in every if c.frames.mjd_us is not None)
        times = tuple(c.frames.mjd_us or 0 for c in timed)
        timeless = tuple(c for c in every if c.frames.mjd_us is None)
        return Pool(timed, times, timeless)

    def within(self, low: int | None, high: int | None) -> Sequence[Candidate]:
        """Give the candidates between two times, both included (None: no limit)."""
        if low is None and high is None:
            return self.timed + self.timeless
        first = 0 if low is None else bisect_left(self.times, low)
        last = len(self.times) if high is None else bisect_right(self.times, high)
        return self.timed[first:last]

    def everything(self) -> Sequence[Candidate]:
        """Give all candidates."""
        return self.timed + self.timeless


@dataclass(frozen=True)
class Supply:
    """All candidates of one category: a pool for each origin."""

    category: str
    pools: Mapping[str, Pool] = field(default_factory=dict)

    def origin(self, name: str) -> Pool:
        """Give the pool of an origin; empty when there is none."""
        return self.pools.get(name) or _EMPTY

    def of(self, frames: FrameSet) -> list[Candidate]:
        """Give the candidates that are a set itself."""
        return self._by_set.get(id(frames), [])

    @cached_property
    def _by_set(self) -> dict[int, list[Candidate]]:
        found: dict[int, list[Candidate]] = {}
        for candidate in self.everything():
            found.setdefault(id(candidate.frames), []).append(candidate)
        return found

    def everything(self) -> list[Candidate]:
        """Give the candidates of all origins."""
        return [c for pool in self.pools.values() for c in pool.everything()]


_EMPTY = Pool((), (), ())


def distance_us(candidate: FrameSet, consumer: FrameSet) -> int | None:
    """Calibration minus consumer in microseconds; None when either has no time."""
    if candidate.mjd_us is None or consumer.mjd_us is None:
        return None
    return candidate.mjd_us - consumer.mjd_us


def in_days(us: int | None) -> float | None:
    """Turn microseconds into days."""
    return None if us is None else us / DAY_US


def bounds(level: Level, consumer: FrameSet) -> tuple[int | None, int | None]:
    """Give the time limits of a level around a consumer, microseconds of MJD."""
    low, high = level.span_us
    time = consumer.mjd_us
    if time is None or low is None or high is None:
        return None, None
    return time + low, time + high


def lies_in(level: Level, candidate: FrameSet, consumer: FrameSet) -> bool:
    """Whether a candidate lies in every window of a level."""
    windows = level.within
    return all(_in_window(window, candidate, consumer) for window in windows)


def _in_window(window: Window, candidate: FrameSet, consumer: FrameSet) -> bool:
    if window.same_night:
        return candidate.night is not None and candidate.night == consumer.night
    if window.within_days is not None:
        offset = distance_us(candidate, consumer)
        low, high = window.within_days
        return offset is not None and (
            round(low * DAY_US) <= offset <= round(high * DAY_US)
        )
    if window.same is not None:
        mine, yours = value_of(candidate, window.same), value_of(consumer, window.same)
        return mine is not None and mine == yours
    return True


def value_of(frames: FrameSet, column: str) -> Any:
    """Give a column of a set; the time as whole microseconds."""
    if column == "mjd_obs":
        return frames.mjd_us
    return frames.columns.get(column)


def differing(
    columns: tuple[str, ...], candidate: FrameSet, consumer: FrameSet
) -> str | None:
    """Give the first column in which two sets differ; a missing one agrees."""
    if candidate.values(columns) == consumer.values(columns):
        return None
    for column in columns:
        if column in CHIP_COLUMNS:
            continue
        if not matches(value_of(candidate, column), value_of(consumer, column)):
            return column
    return None


def lacking(
    columns: tuple[str, ...], candidate: FrameSet, consumer: FrameSet
) -> tuple[str, ...]:
    """Give the columns that could not be compared, since one of the two lacks them."""
    without = _without(columns, candidate) | _without(columns, consumer)
    return tuple([one for one in columns if one in without]) if without else ()


def _without(columns: tuple[str, ...], frames: FrameSet) -> frozenset[str]:
    if columns not in frames.without:
        lacked = {column for column in columns if _is_lacking(column, frames)}
        frames.without[columns] = frozenset(lacked)
    return frames.without[columns]


def _is_lacking(column: str, frames: FrameSet) -> bool:
    if column not in CHIP_COLUMNS:
        return value_of(frames, column) is None
    chips = frames.chips or {}
    return not any(getattr(chip, column) is not None for chip in chips.values())


def served(
    columns: tuple[str, ...], candidate: FrameSet, consumer: Consumer
) -> frozenset[int]:
    """Give the IFUs of a consumer that a candidate serves (`serves`)."""
    key = (columns, consumer.frames.detectors, consumer.ifus)
    known = candidate.served
    if key not in known:
        detectors = tuple(column for column in columns if column in CHIP_COLUMNS)
        known[key] = frozenset(
            ifu
            for ifu in consumer.ifus
            if serves(detectors, candidate, consumer.frames, ifu)
        )
    return known[key]


def serves(
    columns: Iterable[str], candidate: FrameSet, consumer: FrameSet, ifu: int
) -> bool:
    """Whether a candidate holds an IFU, with the detector that the consumer has."""
    if not candidate.frames[0].ifus and candidate.frames[0].kind != "raw":
        return True
    if not candidate.holds(ifu):
        return False
    mine = _chip(candidate, ifu)
    yours = _chip(consumer, ifu)
    return all(
        matches(getattr(mine, column, None), getattr(yours, column, None))
        for column in columns
        if column in CHIP_COLUMNS
    )


def _chip(frames: FrameSet, ifu: int) -> ChipSetup | None:
    return None if frames.chips is None else frames.chips.get(ifu)
