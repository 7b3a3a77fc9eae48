"""Explain a product: its choices, and how it differs from another version of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from muse_scheduler.models import Choice, RecordedInput, TaskRecord
from muse_scheduler.rules.keys import canonical_json

_SHORT = 12

Kind = Literal["recipe", "parameter", "input", "version", "caveat"]


@dataclass(frozen=True)
class Difference:
    """One thing in which two runs differ; None: the run has none of it."""

    kind: Kind
    what: str
    left: str | None
    right: str | None

    def sentence(self) -> str:
        """Say it."""
        if self.left is None:
            return f"{self.kind} {self.what}: {self.right} only in the second"
        if self.right is None:
            return f"{self.kind} {self.what}: {self.left} only in the first"
        return f"{self.kind} {self.what}: {self.left} against {self.right}"


def differences(left: TaskRecord, right: TaskRecord) -> tuple[Difference, ...]:
    """Give everything in which two runs differ: what a key is made of.

    Inputs are compared by content key; the same pixels under another name do not
    differ.
    """
    found: list[Difference] = []
    if left.recipe != right.recipe:
        found.append(Difference("recipe", "name", left.recipe, right.recipe))
    found += _of_mapping("parameter", left.parameters, right.parameters)
    found += _of_inputs(left.inputs, right.inputs)
    found += _of_mapping("version", left.versions, right.versions)
    for caveat in sorted(set(left.caveats) ^ set(right.caveats)):
        mine = caveat if caveat in left.caveats else None
        yours = caveat if caveat in right.caveats else None
        found.append(Difference("caveat", "", mine, yours))
    return tuple(found)


def _of_mapping(
    kind: Kind, left: Mapping[str, Any], right: Mapping[str, Any]
) -> list[Difference]:
    found = []
    for name in sorted(left.keys() | right.keys()):
        mine, yours = _text(left, name), _text(right, name)
        if mine != yours:
            found.append(Difference(kind, name, mine, yours))
    return found


def _text(values: Mapping[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    return value if isinstance(value, str) else canonical_json(value)


def _of_inputs(
    left: Sequence[RecordedInput], right: Sequence[RecordedInput]
) -> list[Difference]:
    mine, yours = _by_place(left), _by_place(right)
    found = []
    for place in sorted(mine.keys() | yours.keys()):
        a, b = mine.get(place, {}), yours.get(place, {})
        if a.keys() == b.keys():
            continue
        tag, ifu = place
        what = tag if ifu is None else f"{tag} of IFU {ifu}"
        one = [n for key, n in a.items() if key not in b]
        two = [n for key, n in b.items() if key not in a]
        found.append(
            Difference("input", what, ", ".join(one) or None, ", ".join(two) or None)
        )
    return sorted(found, key=lambda d: d.what)


def _by_place(
    inputs: Sequence[RecordedInput],
) -> dict[tuple[str, int | None], dict[str, str]]:
    places: dict[tuple[str, int | None], dict[str, str]] = {}
    for entry in inputs:
        name = f"{entry.filename} ({entry.sha256[:_SHORT]})"
        places.setdefault((entry.tag, entry.ifu), {})[entry.content_key] = name
    return places


def choice_sentence(choice: Choice) -> str:
    """Say one choice with its runner-up."""
    made = f" by {choice.source_recipe}" if choice.source_recipe else ""
    text = (
        f"{choice.category}: {choice.source_tag} {choice.choice}{made}; {choice.reason}"
    )
    if choice.runner_up is not None:
        second = choice.runner_up
        text += f"; second was {second.choice}, {second.lost_because}"
    return text


def why(
    record: TaskRecord,
    choices: Sequence[Choice],
    others: Sequence[tuple[str, TaskRecord]] = (),
) -> tuple[str, ...]:
    """Explain a product in sentences.

    Parameters
    ----------
    record
        The run that made it.
    choices
        Of its task.
    others
        Other versions of the same product: a name, and the run that made it.
    """
    place = "the field" if record.ifu is None else f"IFU {record.ifu}"
    said = [f"{record.recipe} on {record.group}, {place}"]
    said += [choice_sentence(choice) for choice in choices]
    said += [f"caveat: {caveat}" for caveat in record.caveats]
    for name, other in others:
        found = differences(record, other)
        if not found:
            said.append(f"the same as {name}: recipe, parameters, inputs and versions")
        said += [f"differs from {name}: {d.sentence()}" for d in found]
    return tuple(said)
