"""Answers to queries on objects: the wire."""

from typing import Annotated, Any

from pydantic import Field

from muse_catalog.models.frames import Frame, Model
from muse_catalog.models.query import ObjectQuery

__all__ = [
    "AttributeInfo",
    "ClassInfo",
    "Facet",
    "FacetValue",
    "ObjectCount",
    "ObjectPage",
    "ObjectTable",
    "QueryForms",
]

Cursor = Annotated[
    str | None, Field(description="give it as `after`; null: this is the end")
]


class AttributeInfo(Model):
    """An attribute of a class, or a column of an answer."""

    name: str
    type: Annotated[
        str,
        Field(description="str int float bool time date id flags validity, or any"),
    ]
    unit: str | None
    ucd: Annotated[
        str | None, Field(description="what it is, in words of the IVOA")
    ] = None
    doc: str
    aliases: tuple[str, ...] = ()


class ClassInfo(Model):
    """A class of objects with its attributes."""

    name: str
    kind: str
    doc: str
    attributes: list[AttributeInfo]


class ObjectPage(Model):
    """Whole objects in the order asked for, and where the next page begins."""

    items: list[Frame]
    next: Cursor


class ObjectTable(Model):
    """The columns asked for, row by row."""

    columns: list[AttributeInfo]
    rows: list[list[Any]]
    next: Cursor


class FacetValue(Model):
    """A value, and how many objects have it."""

    value: Any
    count: int


class Facet(Model):
    """The values of an attribute, the most frequent first."""

    attribute: AttributeInfo
    values: list[FacetValue]
    more: Annotated[bool, Field(description="there are further values")]


class ObjectCount(Model):
    """How many objects fit."""

    count: int
    exact: Annotated[
        bool, Field(description="false: many, so this is PostgreSQL's estimate")
    ]


class QueryForms(Model):
    """One query in all its forms."""

    tree: ObjectQuery
    q: Annotated[str | None, Field(description="the condition as text")]
    order: str
    columns: str
    group: str
    agg: str
    url: Annotated[
        str,
        Field(description="path and parameters of GET /objects, or of /objects/table"),
    ]
