"""What the shell completes: classes, attributes, recipes, from the package's own data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from musewise.classes import all_classes, object_class, recipe_names
from musewise.errors import Error

__all__ = [
    "attribute_lists",
    "class_names",
    "conditions",
    "products",
    "recipes",
]

_WORD = re.compile(r"[\w.]*$")


def class_names(incomplete: str) -> list[str]:
    """Give classes of objects."""
    return _beginning(all_classes(), incomplete)


def products(incomplete: str) -> list[str]:
    """Give classes that can be made."""
    made = [name for name, one in all_classes().items() if one.kind == "product"]
    return _beginning(made, incomplete)


def recipes(incomplete: str) -> list[str]:
    """Give recipes, with ``muse_`` or without, as it was begun."""
    names = recipe_names()
    if not incomplete.startswith("muse_"):
        names = [name.removeprefix("muse_") for name in names]
    return _beginning(names, incomplete)


def conditions(ctx: Any, incomplete: str) -> list[str]:
    """Give conditions that go on with an attribute, where a word is begun."""
    return _last_word(ctx, incomplete)


def attribute_lists(ctx: Any, incomplete: str) -> list[str]:
    """Give lists of attributes (``-ron,nifu``) whose last is completed."""
    return _last_word(ctx, incomplete)


def _last_word(ctx: Any, incomplete: str) -> list[str]:
    begun = _WORD.search(incomplete)
    word = begun[0] if begun else ""
    before = incomplete[: len(incomplete) - len(word)]
    return [before + name for name in _beginning(_attributes(ctx), word.lower())]


def _attributes(ctx: Any) -> list[str]:
    """Give the attributes of the class that was named, or of all classes."""
    named = ctx.params.get("frame_class") or ctx.params.get("tag")
    try:
        classes = [object_class(named)] if named else list(all_classes().values())
    except Error:
        return []
    names = {one.name: None for each in classes for one in each.attributes()}
    return list(names)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
