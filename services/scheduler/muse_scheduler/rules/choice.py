"""Choose calibrations by a total order, and keep why (scheduler.md 5, plan readings).

The order among candidates: step of the rule, the preference of a binding, the
criteria of the level, then the plan's tie break, which ends in sha256. Neither the
order of the input nor frames outside every window can change an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from muse_scheduler.rules.candidates import (
    Candidate,
    Consumer,
    Supply,
    bounds,
    differing,
    distance_us,
    lies_in,
    served,
    value_of,
)
from muse_scheduler.rules.sets import FrameSet
from musecore.errors import InternalError
from musecore.muse.plan import CalibrationRule, Criterion, Level

_FAR = 1 << 62
_ENOUGH = 2  # a winner and a runner-up
_FIELD = (0,)  # a question for the whole field

EpochAt = Callable[[date], Any]


@dataclass(eq=False, slots=True)
class Ranked:
    """A candidate that fits; ``key`` is its place in the order (`names_of_key`)."""

    candidate: Candidate
    level: Level
    key: tuple[Any, ...]
    shown_level: float


@dataclass(frozen=True, eq=False)
class Rival:
    """A candidate that does not fit, and why (for the messages only)."""

    candidate: Candidate
    why: str


class Question(NamedTuple):
    """One choice to make.

    Attributes
    ----------
    rule
        Of the calibration plan.
    consumer
        What is to be calibrated.
    supply
        All candidates of the category.
    tie_break
        Names of the order after the criteria of a level.
    bound
        The candidate chosen of the category that the rule is bound to, with its
        level; None when that is not among the inputs.
    epoch_at
        Gives the epoch of geometry and astrometry of a night.
    fits
        A further test of a candidate: the reason why it cannot serve, or None.
    """

    rule: CalibrationRule
    consumer: Consumer
    supply: Supply
    tie_break: Sequence[str]
    bound: Ranked | None
    epoch_at: EpochAt
    fits: Callable[[Candidate], str | None]

    @property
    def preferred(self) -> FrameSet | None:
        """Give the set that a candidate should, but need not, belong to."""
        binding = self.rule.bound_to
        if binding is None or binding.strength != "prefers" or self.bound is None:
            return None
        return self.bound.candidate.frames


def rank(question: Question) -> list[Ranked]:
    """Give the candidates that fit, best first; each at the first step it fits.

    Steps after the one that gives every IFU a winner and a runner-up are left out.
    """
    binding = question.rule.bound_to
    if binding and binding.strength == "follows" and question.bound is not None:
        return _followers(question, question.bound)
    ranked: dict[int, Ranked] = {}
    for index, level in enumerate(question.rule.levels):
        for candidate in _of_level(question, level):
            if id(candidate) not in ranked:
                ranked[id(candidate)] = _ranked(question, candidate, level, index)
        if _suffice(question, ranked.values()):
            break
    return sorted(ranked.values(), key=lambda r: r.key)


def _suffice(question: Question, ranked: Collection[Ranked]) -> bool:
    """Whether later levels cannot matter: every IFU has a winner and a runner-up."""
    if len(ranked) < _ENOUGH:
        return False
    consumer, match = question.consumer, question.rule.match
    if consumer.ifus == _FIELD:
        return True
    every = [served(match, one.candidate.frames, consumer) for one in ranked]
    if sum(len(ifus) == len(consumer.ifus) for ifus in every) >= _ENOUGH:
        return True
    counts = Counter(ifu for ifus in every for ifu in ifus)
    return all(counts[ifu] >= _ENOUGH for ifu in consumer.ifus)


def _followers(question: Question, bound: Ranked) -> list[Ranked]:
    """Candidates of the very set (or, of a delivered one, the same columns)."""
    binding = question.rule.bound_to
    assert binding is not None
    chosen = bound.candidate.frames
    same = question.supply.of(chosen)
    if not same:
        everything = question.supply.everything()
        same = [c for c in everything if _agrees(binding.same, c.frames, chosen)]
    ranked = [
        _ranked(
            question,
            candidate,
            bound.level,
            0,
            shown=bound.shown_level if binding.takes_level else None,
        )
        for candidate in same
        if candidate.frames.unusable is None and question.fits(candidate) is None
    ]
    return sorted(ranked, key=lambda r: r.key)


def _agrees(columns: Sequence[str], mine: FrameSet, yours: FrameSet) -> bool:
    """Whether two sets have the same, known values."""
    return all(
        value_of(mine, column) is not None
        and value_of(mine, column) == value_of(yours, column)
        for column in columns
    )


def _of_level(question: Question, level: Level) -> list[Candidate]:
    consumer = question.consumer.frames
    if level.consumers is not None and consumer.tag not in level.consumers:
        return []
    low, high = bounds(level, consumer)
    match = question.rule.match
    columns = (*match, *level.same) if level.same else match
    wanted = consumer.values(columns)
    return [
        candidate
        for origin in level.origins
        for candidate in question.supply.origin(origin).within(low, high)
        if (frames := candidate.frames).unusable is None
        and lies_in(level, frames, consumer)
        and (
            frames.values(columns) == wanted
            or differing(columns, frames, consumer) is None
        )
        and question.fits(candidate) is None
    ]


def _ranked(
    question: Question,
    candidate: Candidate,
    level: Level,
    index: int,
    shown: float | None = None,
) -> Ranked:
    key: list[Any] = [index, _preference(candidate, level)]
    binding = question.rule.bound_to
    if binding is not None and (preferred := question.preferred) is not None:
        key.append(int(not _agrees(binding.same, candidate.frames, preferred)))
    key += [_criterion(question, candidate, item) for item in level.order]
    key += [_tie(question, candidate, name) for name in question.tie_break]
    number = level.level if shown is None else shown
    return Ranked(candidate, level, tuple(key), number)


def names_of_key(question: Question, level: Level) -> list[str]:
    """Give what the places of a key of a level say, in their order."""
    names = ["level", "preference"]
    if question.preferred is not None and question.rule.bound_to is not None:
        names.append(f"bound_to:{question.rule.bound_to.category}")
    return [*names, *map(_criterion_name, level.order), *question.tie_break]


def _criterion_name(item: Criterion) -> str:
    if item.same_epoch:
        return "same_epoch"
    if item.latest_before is not None:
        return f"latest_before:{item.latest_before}"
    return f"nearest_in:{item.nearest_in or 'mjd_obs'}"


def _criterion(question: Question, candidate: Candidate, item: Criterion) -> Any:
    mine, yours = candidate.frames, question.consumer.frames
    if item.same_epoch:
        return int(not _same_epoch(question.epoch_at, mine, yours))
    if item.latest_before is not None:
        offset = distance_us(mine, yours)
        after = offset is None or offset > 0
        return int(after), _FAR if offset is None else abs(offset)
    return _nearness(mine, yours, item.nearest_in or "mjd_obs", item.step)


def _nearness(
    mine: FrameSet, yours: FrameSet, column: str, step: float | None
) -> tuple[int, float]:
    """Absolute difference, in whole steps where there is a step; unknown is last."""
    left, right = value_of(mine, column), value_of(yours, column)
    if left is None or right is None:
        return 1, 0
    difference = abs(left - right)
    return 0, round(difference / step) if step else difference


def _same_epoch(epoch_at: EpochAt, mine: FrameSet, yours: FrameSet) -> bool:
    if mine.night is None or yours.night is None:
        return False
    epoch = epoch_at(date.fromisoformat(yours.night))
    return epoch is not None and epoch == epoch_at(date.fromisoformat(mine.night))


def _preference(candidate: Candidate, level: Level) -> int:
    """Raw or master: the order in which the level names the origins."""
    if candidate.origin not in level.origins:
        return 0
    return level.origins.index(candidate.origin)


def _tie(question: Question, candidate: Candidate, name: str) -> Any:
    if name == "later":
        offset = distance_us(candidate.frames, question.consumer.frames)
        return int(offset is None or offset < 0)
    if name not in candidate.merits:
        raise InternalError(
            f"The calibration plan breaks ties by {name!r}, which is not known.",
            hint=f"Known are {', '.join(['later', *candidate.merits])}.",
        )
    return candidate.merits[name]


class Picked(NamedTuple):
    """Winner and runner-up, and the IFUs for which they are that."""

    winner: Ranked
    second: Ranked | None
    ifus: list[int]

    @property
    def is_chosen(self) -> bool:
        """Whether there was a choice: a unit's own set is what it is."""
        return self.winner.candidate.origin != "set"


def pick(question: Question, ranked: Sequence[Ranked]) -> list[Picked]:
    """Give winner and runner-up for every IFU of the consumer that can be served."""
    match = question.rule.match
    consumer = question.consumer
    first = ranked[:_ENOUGH] if consumer.ifus else ()
    every = [len(served(match, one.candidate.frames, consumer)) for one in first]
    if first and min(every) == len(consumer.ifus):
        second = first[1] if len(first) == _ENOUGH else None
        return [Picked(first[0], second, list(consumer.ifus))]
    groups: dict[tuple[int, int], Picked] = {}
    for ifu, (winner, runner_up) in _each(question, ranked).items():
        key = (id(winner), id(runner_up))
        groups.setdefault(key, Picked(winner, runner_up, [])).ifus.append(ifu)
    return list(groups.values())


def _each(
    question: Question, ranked: Sequence[Ranked]
) -> dict[int, tuple[Ranked, Ranked | None]]:
    match = question.rule.match
    consumer = question.consumer
    picked: dict[int, list[Ranked]] = {}
    open_ifus = set(consumer.ifus)
    for one in ranked:
        if not open_ifus:
            break
        for ifu in served(match, one.candidate.frames, consumer) & open_ifus:
            picked.setdefault(ifu, []).append(one)
            if len(picked[ifu]) == _ENOUGH:
                open_ifus.discard(ifu)
    return {
        ifu: (found[0], found[1] if len(found) > 1 else None)
        for ifu in consumer.ifus
        if (found := picked.get(ifu))
    }


def rejected(question: Question, winner: Ranked) -> str | None:
    """Give the warning of a rule that does not use a winner that differs too much."""
    limit = question.rule.reject
    if limit is None:
        return None
    mine = value_of(winner.candidate.frames, limit.column)
    yours = value_of(question.consumer.frames, limit.column)
    if mine is None or yours is None or abs(mine - yours) <= limit.limit + 1e-9:
        return None
    return limit.warning.format(
        choice=winner.candidate.label,
        difference=f"{abs(mine - yours):.2f}",
        consumer=f"{question.consumer.tag} {question.consumer.name}",
        limit=f"{limit.limit:g}",
    )


def rivals(question: Question) -> list[Rival]:
    """Give the candidates that do not fit, nearest first, each with the reason."""
    consumer = question.consumer.frames
    columns = question.rule.match
    found: list[Rival] = []
    for candidate in question.supply.everything():
        column = differing(columns, candidate.frames, consumer)
        why = candidate.frames.unusable or question.fits(candidate)
        if why is None and column is not None:
            why = (
                f"{column} is {value_of(candidate.frames, column)}, "
                f"{value_of(consumer, column)} is needed"
            )
        found.append(Rival(candidate, why or "outside every window"))
    return sorted(found, key=lambda r: _rival_order(question, r))


def _rival_order(question: Question, rival: Rival) -> tuple[int, str]:
    offset = distance_us(rival.candidate.frames, question.consumer.frames)
    return (_FAR if offset is None else abs(offset)), rival.candidate.frames.sha256
