"""Conditions on many ids: one array as parameter, as PostgreSQL takes 32,767 of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

__all__ = ["one_of"]


def one_of(column: ColumnElement[Any], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Give the condition that a column is one of these ids."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))
