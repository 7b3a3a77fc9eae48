"""What can be asked of the catalogue: one tree, the same in Python, URL and text.

A query is a class of objects, a condition, an order and columns. The condition is a
tree of the terms below; ``rules.query_text`` reads and writes it as text, and
``store.query_sql`` alone makes SQL of it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

__all__ = [
    "RESERVED",
    "Aggregate",
    "And",
    "Attribute",
    "Between",
    "Box",
    "Compare",
    "Cone",
    "Day",
    "Function",
    "HeaderKeyword",
    "In",
    "Instant",
    "IsNull",
    "Like",
    "MadeFrom",
    "Near",
    "Not",
    "ObjectQuery",
    "Operator",
    "Or",
    "Order",
    "Path",
    "QcParameter",
    "Term",
    "UsedBy",
    "Value",
]

RESERVED = frozenset(
    ("and", "or", "not", "between", "in", "is", "null", "true", "false")
)
"""Words of the language: no attribute is called so."""

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
Ifu = Annotated[int, Field(ge=1, le=24)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


def _no_word_of_the_language(name: str) -> str:
    word = name.partition(".")[0]
    if word.lower() in RESERVED:
        raise ValueError(f"{word!r} is a word of the query language")
    return name


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


class Node(BaseModel):
    """A part of a query: a value, immutable and hashable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# -- what is asked about
class Attribute(Node):
    """An attribute of the objects, or of what they link to.

    ``DATE_OBS``, ``night``, ``fwhm``, ``processing.pipeline_version``; capitals do not
    matter.
    """

    kind: Literal["attribute"] = "attribute"
    name: Annotated[
        str,
        Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"),
        AfterValidator(_no_word_of_the_language),
    ]


class HeaderKeyword(Node):
    """Any keyword of a header; of the extension named, else of the primary header."""

    kind: Literal["header"] = "header"
    keyword: Annotated[str, Field(min_length=1, max_length=80)]
    extension: str | None = None


class QcParameter(Node):
    """A QC value of a product (``QC BIAS MASTER1 RON``), of one IFU if it is named."""

    kind: Literal["qc"] = "qc"
    name: Annotated[str, Field(min_length=1, max_length=80)]
    ifu: Ifu | None = None


Path = Annotated[Attribute | HeaderKeyword | QcParameter, Field(discriminator="kind")]


# -- what it is compared with
class Day(Node):
    """A date. For a time it is the whole day, UTC; for ``night`` that night."""

    day: date


class Instant(Node):
    """A moment, UTC."""

    instant: Annotated[AwareDatetime, AfterValidator(_in_utc)]


Number = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]
Value = StrictBool | Number | StrictStr | Day | Instant


# -- terms
class Compare(Node):
    """A comparison with a value."""

    is_: Annotated[Literal["compare"], Field(alias="is")] = "compare"
    path: Path
    operator: Operator
    value: Value


class Between(Node):
    """A range, both ends included."""

    is_: Annotated[Literal["between"], Field(alias="is")] = "between"
    path: Path
    low: Value
    high: Value


class In(Node):
    """One of several values."""

    is_: Annotated[Literal["in"], Field(alias="is")] = "in"
    path: Path
    values: Annotated[tuple[Value, ...], Field(min_length=1, max_length=1000)]


class Like(Node):
    """A text that fits a pattern: ``*`` is any text, ``?`` any character."""

    is_: Annotated[Literal["like"], Field(alias="is")] = "like"
    path: Path
    pattern: StrictStr


class IsNull(Node):
    """Nothing is known of it."""

    is_: Annotated[Literal["null"], Field(alias="is")] = "null"
    path: Path


class Cone(Node):
    """The pointing lies within ``radius`` of a place (all deg, ICRS)."""

    is_: Annotated[Literal["cone"], Field(alias="is")] = "cone"
    ra: Annotated[Degrees, Field(ge=0, lt=360)]
    dec: Annotated[Degrees, Field(ge=-90, le=90)]
    radius: Annotated[Degrees, Field(gt=0, le=180)]


class Near(Node):
    """The pointing lies within ``radius`` (deg) of what has this name.

    The place is that of the pointings of this target or object in the catalogue.
    """

    is_: Annotated[Literal["near"], Field(alias="is")] = "near"
    name: Annotated[StrictStr, Field(min_length=1, max_length=200)]
    radius: Annotated[Degrees, Field(gt=0, le=180)] = 1 / 60


class Box(Node):
    """The pointing lies in a box (deg, ICRS); ``ra_low`` > ``ra_high`` goes over 0."""

    is_: Annotated[Literal["box"], Field(alias="is")] = "box"
    ra_low: Annotated[Degrees, Field(ge=0, lt=360)]
    ra_high: Annotated[Degrees, Field(ge=0, lt=360)]
    dec_low: Annotated[Degrees, Field(ge=-90, le=90)]
    dec_high: Annotated[Degrees, Field(ge=-90, le=90)]

    @model_validator(mode="after")
    def _has_an_inside(self) -> Box:
        if self.dec_low > self.dec_high:
            raise ValueError("dec_low is above dec_high")
        return self


ObjectId = Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{8,36}$")]


class MadeFrom(Node):
    """The object named (by its id, or the beginning of one) is among its ancestors."""

    is_: Annotated[Literal["made_from"], Field(alias="is")] = "made_from"
    object_id: ObjectId
    depth: Annotated[int, Field(ge=1, le=100)] | None = None


class UsedBy(Node):
    """It is among the ancestors of the object named."""

    is_: Annotated[Literal["used_by"], Field(alias="is")] = "used_by"
    object_id: ObjectId
    depth: Annotated[int, Field(ge=1, le=100)] | None = None


class Not(Node):
    """The term does not hold; so it is where nothing is known of what it asks."""

    is_: Annotated[Literal["not"], Field(alias="is")] = "not"
    term: Term


Terms = Annotated[tuple["Term", ...], Field(min_length=2)]


class And(Node):
    """All terms hold."""

    is_: Annotated[Literal["and"], Field(alias="is")] = "and"
    terms: Terms


class Or(Node):
    """At least one term holds."""

    is_: Annotated[Literal["or"], Field(alias="is")] = "or"
    terms: Terms


Term = Annotated[
    Compare
    | Between
    | In
    | Like
    | IsNull
    | Cone
    | Near
    | Box
    | MadeFrom
    | UsedBy
    | Not
    | And
    | Or,
    Field(discriminator="is_"),
]


class Order(Node):
    """One key of the order; what is not known comes last."""

    path: Path
    descending: bool = False


Function = Literal["count", "min", "max", "mean", "median", "stddev"]


class Aggregate(Node):
    """A number for each group: how many, or one of the values of an attribute.

    ``count`` without a path counts objects, with one those of which it is known;
    ``stddev`` is that of a sample (n - 1).
    """

    name: Annotated[
        str,
        Field(pattern=r"^[A-Za-z_]\w{0,62}$"),
        AfterValidator(_no_word_of_the_language),
    ]
    function: Function
    path: Path | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Aggregate:
        if self.path is None and self.function != "count":
            raise ValueError(f"{self.function} of what? Write {self.function}(fwhm)")
        return self


class ObjectQuery(Node):
    """What is asked for, whole.

    Attributes
    ----------
    tag
        The class: ``BIAS``, ``DATACUBE_FINAL``; None: objects of all classes.
    where
        The condition; None: all.
    order
        Several keys; the id comes last by itself, so the order is total.
    columns
        What is given of each object; empty: the usual columns.
    projects
        Of which projects; empty: of all that the caller may know of.
    group
        Objects that have these in common make one row.
    aggregates
        What is given of each group; without a group, of all objects together.
    """

    tag: str | None = None
    where: Term | None = None
    order: tuple[Order, ...] = ()
    columns: tuple[Path, ...] = ()
    projects: tuple[str, ...] = ()
    group: tuple[Path, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()

    @property
    def is_grouped(self) -> bool:
        """Whether rows are groups, not objects."""
        return bool(self.group or self.aggregates)

    @model_validator(mode="after")
    def _groups_are_named_once(self) -> ObjectQuery:
        names = [one.name for one in self.aggregates]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"two aggregates are called {twice[0]!r}")
        if self.is_grouped and self.columns:
            raise ValueError("a query of groups has no columns: name aggregates")
        return self


for _node in (Not, And, Or, ObjectQuery):
    _node.model_rebuild()
