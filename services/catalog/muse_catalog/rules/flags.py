"""Quality flags: what the system says of frames (people say `is_valid`)."""

from collections.abc import Iterable
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from musecore.fits import QcValue
from musecore.muse.schema import MuseModel, QcKey

__all__ = [
    "CHECKSUM_DIFFERS",
    "INCOMPLETE_TEMPLATE",
    "QcDictionary",
    "flags_of_product",
    "flags_with_template",
]

CHECKSUM_DIFFERS = "CHECKSUM_DIFFERS"
INCOMPLETE_TEMPLATE = "INCOMPLETE_TEMPLATE"


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Limit(_Fact):
    flag: str
    key: str
    above: float | None = None
    below: float | None = None
    unit: str
    doc: str
    source: str

    def broken_by(self, value: float) -> bool:
        return (self.above is not None and value > self.above) or (
            self.below is not None and value < self.below
        )


class _SystemFlag(_Fact):
    flag: str
    doc: str
    source: str


class _Flags(_Fact):
    version: int
    limits: tuple[_Limit, ...]
    system: tuple[_SystemFlag, ...]


@cache
def _flags() -> _Flags:
    text = (resources.files("muse_catalog.rules") / "flags.yaml").read_text()
    return _Flags.model_validate(yaml.safe_load(text))


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


def flags_of_product(
    dictionary: QcDictionary,
    recipe: str,
    qc: Iterable[QcValue],
    *,
    caveats: Iterable[str],
    warnings: Iterable[str],
) -> list[str]:
    """Give the flags of a product, in alphabetical order."""
    flags = {_flag_of_caveat(caveat) for caveat in caveats}
    if any(True for _ in warnings):
        flags.add("RECIPE_WARNINGS")
    limits: dict[str, list[_Limit]] = {}
    for limit in _flags().limits:
        limits.setdefault(limit.key, []).append(limit)
    for one in qc:
        key = dictionary.find(recipe, one.name)
        if key is not None and isinstance(one.value, int | float):
            broken = (x for x in limits.get(key.key, []) if x.broken_by(one.value))
            flags.update(limit.flag for limit in broken)
    return sorted(flags)


def _flag_of_caveat(caveat: str) -> str:
    """Give the flag of a caveat: ``without STD_RESPONSE`` is WITHOUT_STD_RESPONSE."""
    words = caveat.replace(":", " ").split() or [""]
    if words[0] in {entry.flag for entry in _flags().system}:
        return words[0]
    if any(word.lower().startswith("ifu") for word in words):
        return "PARTIAL_FAN_IN"
    if words[0] == "without" and len(words) > 1:
        return f"WITHOUT_{words[1].upper()}"
    return "CAVEAT"


def flags_with_template(flags: Iterable[str], *, complete: bool) -> list[str]:
    """Give flags with or without that of an incomplete template."""
    others = {flag for flag in flags if flag != INCOMPLETE_TEMPLATE}
    return sorted(others if complete else {*others, INCOMPLETE_TEMPLATE})
