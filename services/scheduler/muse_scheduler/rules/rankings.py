"""Rankings that hold for a while: the exposures of a night mostly share them.

What `choice.rank` gives for a consumer depends on its time only through which
candidates its windows hold, and which of two is nearer. Between the moments at which
that changes, consumers that agree in everything else get the same ranking.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from muse_scheduler.models import Choice
from muse_scheduler.rules.choice import Picked, Question, Ranked, pick, rank
from muse_scheduler.rules.wording import Words, choice_of, words_of
from musecore.muse.plan import CalibrationRule

FIELD = 0
"""Stands for the whole field among IFU numbers."""

_NEVER = 1 << 62
_TIME = "mjd_obs"


class Ranking:
    """The candidates that fit, best first; who was picked, and what is said of it.

    It holds for consumers between two times, both excluded.
    """

    def __init__(self, ranked: list[Ranked], after: int = 0, before: int = 0) -> None:
        self.ranked = ranked
        self.after = after
        self.before = before
        self._picked: list[Picked] | None = None
        self._words: dict[int, Words] = {}

    def picked(self, question: Question, *, per_ifu: bool) -> list[Picked]:
        """Give winner and runner-up, for the IFUs or for the field."""
        if self._picked is None:
            self._picked = _pick(question, self.ranked, per_ifu=per_ifu)
        return self._picked

    def choice(self, question: Question, picked: Picked, *, per_ifu: bool) -> Choice:
        """Write down a choice that was picked here."""
        winner, second = picked.winner, picked.second
        words = self._words.get(id(picked))
        if words is None:
            alike = sum(one.level is winner.level for one in self.ranked)
            words = words_of(question, winner, second, alike)
            self._words[id(picked)] = words
        ifus = picked.ifus if per_ifu else ()
        return choice_of(question, winner, second, ifus, words)


def _pick(
    question: Question, ranked: Sequence[Ranked], *, per_ifu: bool
) -> list[Picked]:
    if per_ifu:
        return pick(question, ranked)
    if not ranked:
        return []
    return [Picked(ranked[0], ranked[1] if len(ranked) > 1 else None, [FIELD])]


class _Looks(NamedTuple):
    """What a rule looks at: columns of a consumer beside its time, origins."""

    columns: tuple[str, ...]
    origins: frozenset[str]
    in_steps: bool  # distances in time are rounded: nothing is shared

    @staticmethod
    def of(rule: CalibrationRule) -> _Looks:
        columns = [*rule.match]
        in_steps = False
        for level in rule.levels:
            columns += level.same
            columns += [window.same for window in level.within if window.same]
            columns += [item.nearest_in for item in level.order if item.nearest_in]
            in_steps |= any(
                item.step and item.nearest_in in (None, _TIME) for item in level.order
            )
        return _Looks(
            tuple(dict.fromkeys(one for one in columns if one != _TIME)),
            frozenset(origin for level in rule.levels for origin in level.origins),
            in_steps,
        )


class Rankings:
    """The rankings of one plan: each is found once for as long as it holds."""

    def __init__(self) -> None:
        self._looks: dict[str, _Looks] = {}
        self._kept: dict[tuple[object, ...], Ranking] = {}

    def of(self, question: Question) -> Ranking:
        """Give what `rank` gives; the keys may be those of another consumer.

        Of two candidates the same place of the keys decides.
        """
        time = question.consumer.frames.mjd_us
        looks = self._of_rule(question.rule)
        if time is None or not _may_be_shared(question, looks):
            return Ranking(rank(question))
        key = _key(question, looks)
        kept = self._kept.get(key)
        if kept is None or not kept.after < time < kept.before:
            ranked = rank(question)
            kept = Ranking(ranked, *_span(question, ranked, time))
            self._kept[key] = kept
        return kept

    def _of_rule(self, rule: CalibrationRule) -> _Looks:
        if rule.category not in self._looks:
            self._looks[rule.category] = _Looks.of(rule)
        return self._looks[rule.category]


def _may_be_shared(question: Question, looks: _Looks) -> bool:
    """Whether nothing but what the rule looks at tells two consumers apart."""
    return (
        not looks.in_steps
        and question.consumer.tag not in looks.origins
        and "set" not in question.supply.pools
    )


def _key(question: Question, looks: _Looks) -> tuple[object, ...]:
    consumer, bound = question.consumer, question.bound
    frames = consumer.frames
    return (
        question.rule.category,
        frames.tag,
        frames.night,
        frames.values(looks.columns),
        frames.detectors,
        consumer.ifus,
        bound and (bound.candidate, id(bound.level), bound.shown_level),
    )


def _span(question: Question, ranked: Sequence[Ranked], time: int) -> tuple[int, int]:
    """Give the last moment before and the first after `time` at which it changes."""
    after, before = -_NEVER, _NEVER
    for moment in (*_entrances(question, time), *_meetings(ranked)):
        if moment <= time:
            after = max(after, moment)
        if moment >= time:
            before = min(before, moment)
    return after, before


def _entrances(question: Question, time: int) -> Iterator[int]:
    """Give the nearest moments at which a window takes or loses a candidate."""
    for level in question.rule.levels:
        low, high = level.span_us
        if low is None or high is None:
            continue
        for origin in level.origins:
            times = question.supply.origin(origin).times
            first = bisect_left(times, time + low)
            last = bisect_right(times, time + high)
            yield from (one - low for one in times[max(0, first - 1) : first + 1])
            yield from (one - high for one in times[max(0, last - 1) : last + 1])


def _meetings(ranked: Sequence[Ranked]) -> Iterator[int]:
    """Give the moments at which a candidate is passed, or two are equally near."""
    times = {one.candidate.frames.mjd_us for one in ranked} - {None}
    for one in times:
        assert one is not None
        yield one
    for one, other in combinations(times, 2):
        assert one is not None
        assert other is not None
        middle, odd = divmod(one + other, 2)
        yield middle
        yield middle + odd
