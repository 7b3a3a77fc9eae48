"""Quality flags: what the system says of frames (people say `is_valid`).

What is beyond the limits of flags.yaml is flagged and scored; what the scheduler and
the recipe told of a product is flagged.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from muse_catalog.rules.errors import FlagUnknown, LimitsInvalid
from musecore.fits import QcValue
from musecore.muse.schema import MuseModel, QcKey
from musecore.times import utcnow

__all__ = [
    "CHECKSUM_DIFFERS",
    "INCOMPLETE_TEMPLATE",
    "QcDictionary",
    "QualityLimits",
    "Score",
    "flags_with_template",
]

CHECKSUM_DIFFERS = "CHECKSUM_DIFFERS"
INCOMPLETE_TEMPLATE = "INCOMPLETE_TEMPLATE"


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Limit(_Fact):
    """Limits of one QC parameter, in ``unit``, for frames of some nights."""

    flag: str
    key: str
    above: float | None = None
    below: float | None = None
    warn_above: float | None = None
    warn_below: float | None = None
    since: date | None = None
    until: date | None = None
    unit: str
    doc: str
    source: str

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError(f"{self.key}: give above or below")
        return self

    def holds_for(self, night: date) -> bool:
        return (self.since or date.min) <= night <= (self.until or date.max)

    def score(self, value: float) -> Literal[0, 1, 2]:
        if _beyond(value, self.above, self.below):
            return 2
        return 1 if _beyond(value, self.warn_above, self.warn_below) else 0


def _beyond(value: float, above: float | None, below: float | None) -> bool:
    return (above is not None and value > above) or (
        below is not None and value < below
    )


class _NamedFlag(_Fact):
    flag: str
    doc: str
    source: str


class _Flags(_Fact):
    version: int
    limits: tuple[_Limit, ...]
    system: tuple[_NamedFlag, ...]
    people: tuple[_NamedFlag, ...]


@dataclass(frozen=True)
class Score:
    """A QC value against a limit: 0 good, 1 warning, 2 bad (then flagged)."""

    name: str
    ifu: int | None
    value: float
    score: Literal[0, 1, 2]
    flag: str
    limits: Mapping[str, Any]


class QcDictionary:
    """Unit and meaning of QC values, from recipes.yaml."""

    def __init__(self, model: MuseModel) -> None:
        self._keys = {
            recipe.name: [(key.pattern, key) for key in recipe.qc]
            for recipe in model.recipes.recipes
        }
        self._known: dict[tuple[str, str], QcKey | None] = {}

    def find(self, recipe: str | None, name: str) -> QcKey | None:
        """Give the entry of a QC value such as ``QC BIAS MASTER1 RON``.

        The recipe that made the product comes first; a product also carries values of
        earlier recipes.
        """
        wanted = (recipe or "", name)
        if wanted not in self._known:
            self._known[wanted] = self._search(*wanted)
        return self._known[wanted]

    def _search(self, recipe: str, name: str) -> QcKey | None:
        own = self._keys.get(recipe, [])
        others = [pair for keys in self._keys.values() for pair in keys]
        for pattern, key in (*own, *others):
            if pattern.match(f"ESO {name}"):
                return key
        return None


class QualityLimits:
    """Limits of QC values and the names of all flags, of one version.

    Parameters
    ----------
    path
        A file like flags.yaml in its place.

    Raises
    ------
    LimitsInvalid
    """

    def __init__(self, dictionary: QcDictionary, path: Path | None = None) -> None:
        self._dictionary = dictionary
        self._flags = _read(path)
        self._limits: dict[str, list[_Limit]] = {}
        for limit in self._flags.limits:
            self._limits.setdefault(limit.key, []).append(limit)

    @property
    def version(self) -> int:
        """Version of the limits."""
        return self._flags.version

    @property
    def of_limits(self) -> frozenset[str]:
        """The flags that limits set."""
        return frozenset(limit.flag for limit in self._flags.limits)

    def scores(
        self, recipe: str | None, qc: Iterable[QcValue], night: date | None
    ) -> list[Score]:
        """Score each QC value that has a limit for frames of this night."""
        found = []
        for one in qc:
            key = self._dictionary.find(recipe, one.name)
            if key is None or not isinstance(one.value, int | float):
                continue
            found += [
                Score(
                    name=one.name,
                    ifu=one.ifu,
                    value=float(one.value),
                    score=limit.score(float(one.value)),
                    flag=limit.flag,
                    limits=_told(limit),
                )
                for limit in self._limits.get(key.key, [])
                if limit.holds_for(night or utcnow().date())
            ]
        return found

    def flags_of_product(
        self,
        scores: Iterable[Score],
        *,
        caveats: Iterable[str],
        warnings: Iterable[str],
    ) -> list[str]:
        """Give the flags of a product, in alphabetical order."""
        flags = {self._flag_of_caveat(caveat) for caveat in caveats}
        if any(True for _ in warnings):
            flags.add("RECIPE_WARNINGS")
        return sorted(flags | {one.flag for one in scores if one.score == 2})

    def _flag_of_caveat(self, caveat: str) -> str:
        """Give the flag of a caveat: ``without STD_RESPONSE`` is WITHOUT_STD_RESPONSE."""
        words = caveat.replace(":", " ").split() or [""]
        if words[0] in {entry.flag for entry in self._flags.system}:
            return words[0]
        if any(word.lower().startswith("ifu") for word in words):
            return "PARTIAL_FAN_IN"
        if words[0] == "without" and len(words) > 1:
            return f"WITHOUT_{words[1].upper()}"
        return "CAVEAT"

    def check_said(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give flags that people set, in alphabetical order.

        Raises
        ------
        FlagUnknown
        """
        known = {one.flag for one in (*self._flags.system, *self._flags.people)}
        known |= self.of_limits
        for name in names:
            if name not in known:
                raise _unknown_flag(name, known)
        return tuple(sorted(set(names)))


def _told(limit: _Limit) -> dict[str, Any]:
    """Give what a score keeps of its limit."""
    return limit.model_dump(
        mode="json", exclude_none=True, exclude={"flag", "key", "doc"}
    )


def _read(path: Path | None) -> _Flags:
    usual = resources.files("muse_catalog.rules") / "flags.yaml"
    try:
        text = usual.read_text() if path is None else path.read_text()
        return _Flags.model_validate(yaml.safe_load(text))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise LimitsInvalid(
            f"The quality limits of {path} cannot be used: {error}",
            hint="Begin with a copy of muse_catalog/rules/flags.yaml.",
        ) from error


def _unknown_flag(name: str, known: set[str]) -> FlagUnknown:
    near = difflib.get_close_matches(name.upper(), sorted(known), 1, 0.5)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return FlagUnknown(
        f"There is no quality flag {name!r}.{meant}",
        hint=f"People may set: {', '.join(sorted(known))}.",
    )


def flags_with_template(flags: Iterable[str], *, complete: bool) -> list[str]:
    """Give flags with or without that of an incomplete template."""
    others = {flag for flag in flags if flag != INCOMPLETE_TEMPLATE}
    return sorted(others if complete else {*others, INCOMPLETE_TEMPLATE})
