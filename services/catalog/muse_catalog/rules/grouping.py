"""Groups of objects: which columns they have, and in which order they come."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from muse_catalog.models.query import (
    Aggregate,
    Attribute,
    Function,
    ObjectQuery,
    Order,
    Path,
)
from muse_catalog.rules.attributes import AttributeFact, Attributes
from muse_catalog.rules.errors import QueryInvalid
from muse_catalog.rules.query_writing import text_of_path

__all__ = ["GroupColumn", "group_columns", "group_order", "single_column"]

_NUMBERS = ("int", "float")
_ORDERED = (*_NUMBERS, "str", "time", "date")
_FITS: dict[Function, tuple[str, ...]] = {
    "min": _ORDERED,
    "max": _ORDERED,
    "mean": _NUMBERS,
    "median": _NUMBERS,
    "stddev": _NUMBERS,
}
_SPOKEN = {"min": "smallest", "max": "largest", "stddev": "standard deviation of"}


@dataclass(frozen=True)
class GroupColumn:
    """A column of an answer in groups.

    ``of`` is the attribute that it is made from (None: the objects are counted),
    ``shown`` what the column itself is; without a function, groups have it in common.
    """

    name: str
    of: AttributeFact | None
    shown: AttributeFact
    function: Function | None = None


def group_columns(query: ObjectQuery, attributes: Attributes) -> list[GroupColumn]:
    """Give the columns of groups: what they have in common, then the aggregates.

    Raises
    ------
    QueryInvalid
        A function of what is no number, a name given twice, no aggregate.
    """
    if not query.aggregates:
        raise QueryInvalid(
            "The groups have nothing that is asked of them.",
            hint="Say for example: agg=n=count, fwhm=median(fwhm)",
        )
    common = [_common(path, attributes) for path in query.group]
    asked = [_aggregate(one, attributes) for one in query.aggregates]
    taken = {one.name for one in common}
    for one in asked:
        if one.name in taken:
            raise QueryInvalid(
                f"{one.name!r} is both a group and an aggregate.",
                hint=f"Call it otherwise: {one.name}_of_all={one.function}(…)",
            )
    return [*common, *asked]


def single_column(path: Path, attributes: Attributes) -> GroupColumn:
    """Give the column of an attribute of each object."""
    fact = attributes.find(path)
    if fact.type == "any" and fact.place == "qc":
        fact = fact.model_copy(update={"type": "float"})
    return GroupColumn(text_of_path(path), fact, fact)


def _common(path: Path, attributes: Attributes) -> GroupColumn:
    fact = attributes.find(path)
    if fact.type == "any":
        fact = fact.model_copy(update={"type": _kept_as(fact)})
    return GroupColumn(text_of_path(path), fact, fact)


def _kept_as(fact: AttributeFact) -> str:
    return "float" if fact.place == "qc" else "str"


def _aggregate(one: Aggregate, attributes: Attributes) -> GroupColumn:
    fact = None if one.path is None else attributes.find(one.path)
    if one.function == "count":
        return GroupColumn(one.name, fact, _counted(one.name, fact), "count")
    assert fact is not None
    if fact.type == "any":
        fact = fact.model_copy(update={"type": "float"})
    if fact.type not in _FITS[one.function]:
        raise QueryInvalid(
            f"{fact.name} is no number ({fact.type}): it has no {one.function}.",
            hint="count, min and max go with texts and times.",
        )
    kind = fact.type if one.function in ("min", "max") else "float"
    doc = f"{_SPOKEN.get(one.function, one.function)} {fact.doc}"
    changed = {"type": kind, "doc": doc, "aliases": (), "name": one.name}
    return GroupColumn(one.name, fact, fact.model_copy(update=changed), one.function)


def _counted(name: str, fact: AttributeFact | None) -> AttributeFact:
    doc = "number of objects" if fact is None else f"how often known: {fact.doc}"
    return AttributeFact(
        name=name, type="int", doc=doc, ucd="meta.number", place="file"
    )


def group_order(
    query: ObjectQuery, attributes: Attributes, columns: Sequence[GroupColumn]
) -> list[tuple[int, bool]]:
    """Give the order of groups: number of a column, and whether the largest is first.

    What they have in common comes last by itself, so the order is total.

    Raises
    ------
    QueryInvalid
        The order names what groups have not.
    """
    given = [(_place(key, attributes, columns), key.descending) for key in query.order]
    named = {place for place, _ in given}
    rest = [(n, False) for n in range(len(query.group)) if n not in named]
    return [*given, *rest]


def _place(key: Order, attributes: Attributes, columns: Sequence[GroupColumn]) -> int:
    name = text_of_path(key.path)
    for n, column in enumerate(columns):
        if column.name == name:
            return n
    if not isinstance(key.path, Attribute) or attributes.knows(key.path.name):
        fact = attributes.find(key.path)
        for n, column in enumerate(columns):
            if column.function is None and column.shown.name == fact.name:
                return n
    names = [column.name for column in columns]
    near = difflib.get_close_matches(name, names, 1, 0.6)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise QueryInvalid(
        f"The groups cannot be ordered by {name!r}.{meant}",
        hint=f"They have {', '.join(names)}.",
    )
