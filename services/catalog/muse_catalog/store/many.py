"""Conditions on many values: one array as parameter, as PostgreSQL takes 32,767 of them."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, any_, bindparam, literal
from sqlalchemy.dialects.postgresql import ARRAY

__all__ = ["one_of", "texts"]


def one_of(column: ColumnElement[Any], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Give the condition that a column is one of these ids."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))


def texts(values: Collection[str]) -> ColumnElement[Any]:
    """Give texts as one parameter, however many they are: for ``any_``."""
    return bindparam(None, list(values), ARRAY(Text))
