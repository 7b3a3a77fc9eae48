"""Say in sentences why a calibration was chosen, why another lost, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from muse_scheduler.models import Choice, Missing, RunnerUp
from muse_scheduler.rules.candidates import (
    Candidate,
    Consumer,
    distance_us,
    in_days,
    lacking,
    value_of,
)
from muse_scheduler.rules.choice import Question, Ranked, names_of_key, rivals
from musecore.times import from_mjd_us

_NEAREST_SHOWN = 3


def days_of(candidate: Candidate, consumer: Consumer) -> float | None:
    """Calibration minus consumer in days; None when either has no time."""
    return in_days(distance_us(candidate.frames, consumer.frames))


def _days(value: float | None) -> str:
    return "no time known" if value is None else f"{value:+.4f} d"


def _span(value: float | None) -> str:
    return "an unknown time" if value is None else f"{abs(value):.4f} d"


class Words(NamedTuple):
    """What is said of a choice, apart from the distances in time.

    Attributes
    ----------
    head, tail
        The reason before and after the distance of the winner.
    lost
        Why the runner-up is the second; None: its distances say it, see `place`.
    place
        The first place of the order in which the two differ.
    """

    head: str
    tail: str
    lost: str | None
    place: str


def words_of(
    question: Question, winner: Ranked, runner_up: Ranked | None, alike: int
) -> Words:
    """Give the words of a choice.

    Parameters
    ----------
    question, winner, runner_up
        What was asked and how it was answered.
    alike
        Number of candidates at the winner's level.
    """
    tail = []
    place, lost = "", None
    if runner_up is not None:
        place = _deciding(question, winner, runner_up)
        if place in _TIE_WORDS:
            tail.append(_TIE_WORDS[place])
        if place not in _SAID_BY_DISTANCE:
            lost = _lost_because(question, winner, runner_up, place)
    columns = (*question.rule.match, *winner.level.same)
    unknown = lacking(columns, winner.candidate.frames, question.consumer.frames)
    if unknown:
        tail.append(f"not known and taken as equal: {', '.join(unknown)}")
    return Words(
        _place(question, winner, alike),
        "".join(f"; {one}" for one in tail),
        lost,
        place,
    )


def choice_of(
    question: Question,
    winner: Ranked,
    runner_up: Ranked | None,
    ifus: Sequence[int],
    words: Words,
) -> Choice:
    """Write down one choice.

    Parameters
    ----------
    question, winner, runner_up
        What was asked and how it was answered.
    ifus
        IFUs that the answer holds for; empty for the field.
    words
        Of this choice, or of one for another consumer that differs in time only.
    """
    consumer, candidate = question.consumer, winner.candidate
    days = days_of(candidate, consumer)
    return Choice(
        consumer=consumer.name,
        consumer_tag=consumer.tag,
        category=question.rule.category,
        ifus=tuple(ifus),
        choice=candidate.label,
        source_tag=candidate.frames.tag,
        source_recipe=candidate.step.recipe if candidate.step else None,
        level=winner.shown_level,
        distance_days=days,
        reason=f"{words.head}; {_days(days)}{words.tail}",
        runner_up=None
        if runner_up is None
        else _second(question, winner, runner_up, words),
        warnings=candidate.frames.notes,
    )


def _second(
    question: Question, winner: Ranked, runner_up: Ranked, words: Words
) -> RunnerUp:
    lost = words.lost
    if lost is None:
        lost = _lost_because(question, winner, runner_up, words.place)
    return RunnerUp(
        choice=runner_up.candidate.label,
        level=runner_up.shown_level,
        distance_days=days_of(runner_up.candidate, question.consumer),
        lost_because=lost,
    )


def _place(question: Question, winner: Ranked, alike: int) -> str:
    binding = question.rule.bound_to
    if binding and binding.strength == "follows" and question.bound is not None:
        return (
            f"level {winner.shown_level:g}: follows {binding.category} "
            f"{question.bound.candidate.label}"
        )
    words = f"level {winner.shown_level:g}: {winner.level.words}"
    if alike <= 1:
        return f"{words}, the only candidate"
    return f"{words}, first of {alike} candidates ({_order_words(winner)})"


def _order_words(winner: Ranked) -> str:
    for criterion in winner.level.order:
        if criterion.nearest_in not in (None, "mjd_obs"):
            return f"nearest in {criterion.nearest_in}"
        if criterion.latest_before is not None:
            return "the latest before"
    return "nearest in time"


_TIE_WORDS: dict[str, str] = {
    "later": "another is equally far in time; the later one is taken",
    "higher_quality": "another is equally near and has quality flags",
    "newer_pipeline": "another was made by an older pipeline",
    "smaller_sha256": "another is equal in every respect; the smaller sha256 decides",
}


def _deciding(question: Question, winner: Ranked, runner_up: Ranked) -> str:
    """Name the first place of the order in which the two differ."""
    for place, (mine, yours) in enumerate(zip(winner.key, runner_up.key, strict=False)):
        if mine != yours:
            return names_of_key(question, winner.level)[place]
    return "smaller_sha256"


def _lost_because(
    question: Question, winner: Ranked, runner_up: Ranked, place: str
) -> str:
    """Say why the second candidate is the second."""
    plain, _, column = place.partition(":")
    words = _LOST.get(plain, _lost_by_identity)
    return words(question, winner, runner_up, column)


def _lost_by_level(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, column
    return (
        f"level {r.shown_level:g} ({r.level.words}) comes after "
        f"level {w.shown_level:g} ({w.level.words})"
    )


def _lost_by_distance(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    if column not in ("", "mjd_obs"):
        return _lost_by_column(q, w, r, column)
    mine, yours = days_of(w.candidate, q.consumer), days_of(r.candidate, q.consumer)
    return f"farther in time: {_span(yours)} against {_span(mine)}"


def _lost_by_column(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    values = (
        value_of(frames, column)
        for frames in (r.candidate.frames, w.candidate.frames, q.consumer.frames)
    )
    yours, mine, wanted = ("unknown" if v is None else f"{v:g}" for v in values)
    return (
        f"differs more in {column}: {yours} against {mine}, the exposure has {wanted}"
    )


def _lost_by_latest(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del column
    yours = days_of(r.candidate, q.consumer)
    mine = days_of(w.candidate, q.consumer)
    return f"not the latest before: {_days(yours)} against {_days(mine)}"


def _lost_by_origin(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, column
    return f"{w.candidate.origin} is preferred to {r.candidate.origin}"


def _lost_by_binding(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, r
    return f"does not belong to the chosen {column}"


def _lost_by_epoch(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, r, column
    return "lies in another epoch of the instrument"


def _lost_by_later(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, r, column
    return "equally far in time; the later one is taken"


def _lost_by_quality(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, column
    return f"equally near, but flagged: {', '.join(r.candidate.frames.flags)}"


def _lost_by_pipeline(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, r, column
    return "made by an older pipeline"


def _lost_by_identity(q: Question, w: Ranked, r: Ranked, column: str) -> str:
    del q, w, r, column
    return "equal in every respect; the smaller sha256 decides"


_LOST: dict[str, Callable[[Question, Ranked, Ranked, str], str]] = {
    "level": _lost_by_level,
    "nearest_in": _lost_by_distance,
    "latest_before": _lost_by_latest,
    "preference": _lost_by_origin,
    "bound_to": _lost_by_binding,
    "same_epoch": _lost_by_epoch,
    "later": _lost_by_later,
    "higher_quality": _lost_by_quality,
    "newer_pipeline": _lost_by_pipeline,
}


_SAID_BY_DISTANCE = {"nearest_in:", "nearest_in:mjd_obs", "latest_before:mjd_obs"}


def missing_of(question: Question, ifus: Sequence[int]) -> Missing:
    """Say what was searched for, what is nearest, and what to do."""
    consumer = question.consumer
    category = question.rule.category
    searched = _searched(question)
    others = rivals(question)[:_NEAREST_SHOWN]
    for_ifus = f" for IFU {_numbers(ifus)}" if ifus else ""
    if others:
        listed = "; ".join(
            f"{r.candidate.label} ({_days(days_of(r.candidate, consumer))}): {r.why}"
            for r in others
        )
        tail = f"nearest: {listed}"
    else:
        tail = "there is none that may be used (what is called bad does not count)"
    reason = (
        f"no {category}{for_ifus} for {consumer.tag} {consumer.name}"
        f"{_at(consumer)}: looked for {searched}; {tail}"
    )
    return Missing(
        consumer=consumer.name,
        category=category,
        reason=reason,
        hint=question.rule.hint,
        ifus=tuple(ifus),
    )


def _at(consumer: Consumer) -> str:
    if consumer.frames.mjd_us is None:
        return ""
    return f" ({from_mjd_us(consumer.frames.mjd_us):%Y-%m-%dT%H:%M:%S} UT)"


def _searched(question: Question) -> str:
    parts = []
    for level in question.rule.levels:
        if level.consumers and question.consumer.tag not in level.consumers:
            continue
        parts.append(f"{' or '.join(level.origins)} {level.words}")
    return ", then ".join(dict.fromkeys(parts)) or question.rule.category


def _numbers(ifus: Sequence[int]) -> str:
    """Write 1, 2, 3, 7 as ``1-3, 7``."""
    runs: list[list[int]] = []
    for ifu in sorted(ifus):
        if runs and ifu == runs[-1][-1] + 1:
            runs[-1].append(ifu)
        else:
            runs.append([ifu])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


ifu_words = _numbers
