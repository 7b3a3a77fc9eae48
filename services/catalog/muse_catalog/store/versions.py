"""Versions in SQL: arrays of numbers that compare as versions do."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

from muse_catalog.rules import VERSION_PATTERN, VERSION_STAGES

__all__ = ["VERSION_KEY", "version_key"]

VERSION_KEY = ARRAY(BigInteger)
"""What versions are compared by; see `muse_catalog.rules.version_key`."""


def version_key(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give what a text is compared by; null where it is no version."""
    numbers, stage, of_stage = (_part(text, n) for n in (1, 2, 3))
    shortest = func.regexp_replace(numbers, r"(\.0+)+$", "")
    before = case(
        *((func.lower(stage) == name, n) for name, n in VERSION_STAGES.items()),
        else_=None,
    )
    number = func.coalesce(cast(func.nullif(of_stage, ""), BigInteger), 0)
    staged = func.array_cat(
        func.array_append(_numbers(shortest), before), func.array_append(_NONE, number)
    )
    key = case((stage.is_(None), _numbers(shortest)), else_=staged)
    whole = func.array_append(key, cast(0, BigInteger), type_=VERSION_KEY)
    # Appending to nothing would make a version of what is none.
    return case((numbers.is_(None), None), else_=whole)


_NONE = cast(literal("{}"), VERSION_KEY)


def _part(text: ColumnElement[Any], n: int) -> ColumnElement[Any]:
    found = func.regexp_match(text, VERSION_PATTERN, "i", type_=ARRAY(String))
    return found[n]


def _numbers(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.string_to_array(text, "."), VERSION_KEY)
