"""Classes of objects: ``from musewise.classes import BIAS, DATACUBE_FINAL as Cube``.

Made from ``classes.json``, which ``make docs`` writes from the model of the server.
``dir(BIAS)`` and completion show the attributes; ``BIAS.attributes()`` explains them.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib import resources
from typing import Any

from typing_extensions import override

from musewise.errors import UnknownAttributeError, UnknownClassError, UsageError
from musewise.fields import Field
from musewise.query import Query
from musewise.results import Answer

__all__ = [
    "ClassAttribute",
    "ObjectClass",
    "all_classes",
    "main_product",
    "model_number",
    "name_in_sof",
    "object_class",
    "parameters_of",
    "recipe_names",
    "recipes_of",
]


class ClassAttribute(Answer):
    """An attribute of a class: name, type, unit, what it is, other names."""

    name: str
    type: str
    unit: str | None = None
    doc: str = ""
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("raw", "product", "static")
    classes: tuple[str, ...] = ()

    def belongs_to(self, name: str, kind: str) -> bool:
        """Say whether objects of a class have it."""
        return name in self.classes if self.classes else kind in self.kinds


class _Keys:
    """``BIAS.header["ESO INS MODE"]``, ``MASTER_BIAS.qc["BIAS MASTER1 RON", 6]``."""

    def __init__(self, owner: ObjectClass, word: str) -> None:
        self._owner = owner
        self._word = word

    def __getitem__(self, key: str | tuple[str, Any]) -> Field:
        parts = key if isinstance(key, tuple) else (key,)
        inner = ", ".join(json.dumps(part, ensure_ascii=False) for part in parts)
        return Field(self._owner, f"{self._word}[{inner}]", "any")


class ObjectClass:
    """A class of objects. Its attributes are fields: comparing one asks a question."""

    def __init__(
        self, name: str, kind: str, doc: str, known: list[ClassAttribute]
    ) -> None:
        self.name = name
        self.kind = kind
        self.__doc__ = doc
        self._known = known
        self._by_name = {
            spelt: one for one in reversed(known) for spelt in (one.name, *one.aliases)
        }
        self.header = _Keys(self, "header")
        self.qc = _Keys(self, "qc")

    @override
    def __repr__(self) -> str:
        return f"<{self.name}: {self.__doc__}>"

    @override
    def __dir__(self) -> list[str]:
        upper = {one.upper() for one in self._by_name if "." not in one}
        first = {one.partition(".")[0] for one in self._by_name}
        return sorted({*super().__dir__(), *first, *upper})

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.field(name)

    def field(self, name: str) -> Field:
        """Give an attribute by its name; capitals do not matter.

        Raises
        ------
        UnknownAttributeError
            There is none of this name; the nearest one is named.
        """
        lower = name.lower()
        if lower.startswith("processing.parameters."):
            return Field(self, name, "any", doc="a parameter of the recipe")
        found = self._by_name.get(lower)
        if found is not None:
            return Field(self, name, found.type, found.unit, found.doc)
        if any(one.startswith(f"{lower}.") for one in self._by_name) or lower.endswith(
            ".parameters"
        ):
            return Field(self, name, "any")
        near = difflib.get_close_matches(lower, self._by_name, 1, 0.6)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownAttributeError(
            f"{self.name} has no attribute {name!r}.{meant}",
            hint=f"See {self.name}.attributes()",
        )

    def attributes(self, like: str = "") -> list[ClassAttribute]:
        """Give the attributes, all or those with a word in name or explanation."""
        word = like.lower()
        return [one for one in self._known if word in f"{one.name} {one.doc}".lower()]

    def all(self) -> Query:
        """Ask for all objects of this class."""
        return Query(self.name)


@cache
def _model() -> dict[str, Any]:
    text = resources.files("musewise").joinpath("classes.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def name_in_sof(tag: str) -> str:
    """Give what a set of frames calls a class: mostly what it is called."""
    names: dict[str, str] = _model()["names_in_sof"]
    return names.get(tag, tag)


def model_number() -> int:
    """Give the version of the model that this client knows."""
    return int(_model()["model"])


def parameters_of(recipe: str) -> dict[str, dict[str, Any]] | None:
    """Give the parameters of a recipe: type, choices, range; None: not known here."""
    found: dict[str, dict[str, Any]] | None = _model()["parameters"].get(recipe)
    return found


def main_product(recipe: str) -> str:
    """Give the class of what a recipe is run for.

    Raises
    ------
    UsageError
        There is no such recipe.
    """
    recipes: dict[str, str] = _model()["recipes"]
    if recipe not in recipes:
        near = difflib.get_close_matches(recipe, recipes, 1, 0.6)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"There is no recipe {recipe!r}.{meant}")
    return recipes[recipe]


def recipe_names() -> list[str]:
    """Give the names of all recipes."""
    return list(_model()["recipes"])


def recipes_of(product: str) -> list[str]:
    """Give the recipes that are run for a class, in the order of the model."""
    recipes: dict[str, str] = _model()["recipes"]
    return [recipe for recipe, made in recipes.items() if made == product]


@cache
def all_classes() -> dict[str, ObjectClass]:
    """Give every class by its name."""
    known = [ClassAttribute.model_validate(row) for row in _model()["attributes"]]
    return {
        one["name"]: ObjectClass(
            one["name"],
            one["kind"],
            one["doc"],
            [fact for fact in known if fact.belongs_to(one["name"], one["kind"])],
        )
        for one in _model()["classes"]
    }


def object_class(name: str) -> ObjectClass:
    """Give a class by its name.

    Raises
    ------
    UnknownClassError
    """
    found = all_classes().get(name)
    if found is None:
        near = difflib.get_close_matches(name.upper(), all_classes(), 1, 0.6)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise UnknownClassError(
            f"There is no class {name!r}.{meant}",
            hint="musewise attributes, or dir(musewise.classes), lists them.",
        )
    return found


def __getattr__(name: str) -> ObjectClass:
    if name.startswith("_"):
        raise AttributeError(name)
    return object_class(name)


def __dir__() -> list[str]:
    return [*__all__, *all_classes()]
