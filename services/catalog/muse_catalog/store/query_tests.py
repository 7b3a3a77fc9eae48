"""What a term asks of one value, as a condition on a column."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, literal, or_

from muse_catalog.models.query import (
    Between,
    Compare,
    Day,
    In,
    Instant,
    IsNull,
    Like,
    Value,
)
from muse_catalog.rules import AttributeFact, QueryInvalid, one_spelling, version_key
from muse_catalog.store.versions import VERSION_KEY
from muse_catalog.store.versions import version_key as key_in_sql
from musecore.times import mjd_us

__all__ = ["Asking", "Condition", "Test", "test_of", "values_of"]

Condition = ColumnElement[bool]
Test = Callable[[Any], Condition]
Asking = Compare | Between | In | Like | IsNull

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}
HALF_MS_US = 500
"""Half of the last digit of DATE-OBS, in microseconds; MJD-OBS has 8 decimals of a day."""

_VALIDITY = {True: "yes", False: "no", "unknown": None} | {
    word: word for word in ("yes", "no", "proposed")
}


def values_of(term: Asking) -> Sequence[Value]:
    """Give the values that a term compares with."""
    match term:
        case Compare():
            return (term.value,)
        case Between():
            return (term.low, term.high)
        case In():
            return term.values
        case Like():
            return (term.pattern,)
        case IsNull():
            return ()


def test_of(fact: AttributeFact, term: Asking) -> Test:
    """Give the test of a term on the column of an attribute.

    Raises
    ------
    QueryInvalid
        The attribute cannot be asked that.
    """
    match term:
        case IsNull():
            return lambda column: column.is_(None)
        case In():
            tests = [_compared(fact, "==", value) for value in term.values]
            return lambda column: or_(*(test(column) for test in tests))
        case Between():
            low = _compared(fact, ">=", term.low)
            high = _compared(fact, "<=", term.high)
            return lambda column: and_(low(column), high(column))
        case Like():
            pattern = _pattern(fact, term.pattern)
            return lambda column: column.like(pattern, escape="\\")
        case Compare():
            return _compared(fact, term.operator, term.value)


def _pattern(fact: AttributeFact, pattern: str) -> str:
    if fact.type not in ("str", "any"):
        raise QueryInvalid(
            f"{fact.name} is no text ({fact.type}): ~ asks nothing of it."
        )
    quoted = pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return quoted.replace("*", "%").replace("?", "_")


def _compared(fact: AttributeFact, operator: str, value: Value) -> Test:
    own = _OWN_WAYS.get(fact.compared or fact.type)
    if own is not None:
        return own(fact, operator, value)
    given = _given(fact, value)
    if isinstance(given, bool) and operator not in ("==", "!="):
        raise QueryInvalid(
            f"{fact.name} is true or false: {operator} asks nothing of it."
        )
    return lambda column: _OPERATORS[operator](column, given)


def _given(fact: AttributeFact, value: Value) -> Any:
    """Give a value as it is kept."""
    match fact.compared or fact.type:
        case "id":
            return _uuid(fact, value)
        case "unit":
            return one_spelling(str(value))
        case "date":
            assert isinstance(value, Day)
            return value.day
        case _:
            return value


def _in_time(fact: AttributeFact, operator: str, value: Value) -> Test:
    """Compare with a moment, or with a day as a whole: its begin, or its end."""
    kept = mjd_us if fact.column == "mjd_us" else _itself
    if isinstance(value, Instant):
        return _in_moment(kept(value.instant), operator)
    assert isinstance(value, Day)
    begin = datetime.combine(value.day, time(), UTC)
    first = kept(begin)
    next_day = kept(begin + timedelta(days=1)) if value.day < date.max else None
    if next_day is None:
        raise QueryInvalid(f"{value.day} is too late a day.")
    match operator:
        case "==":
            return lambda column: and_(column >= first, column < next_day)
        case "<" | ">=":
            return lambda column: _OPERATORS[operator](column, first)
        case "<=":
            return lambda column: column < next_day
        case _:
            return lambda column: column >= next_day


def _in_moment(moment: Any, operator: str) -> Test:
    """Compare with a moment: DATE-OBS and MJD-OBS are equal to it to the millisecond."""
    if operator == "==" and isinstance(moment, int):
        first, end = moment - HALF_MS_US, moment + HALF_MS_US
        return lambda column: and_(column >= first, column < end)
    return lambda column: _OPERATORS[operator](column, moment)


def _itself(moment: datetime) -> datetime:
    return moment


def _is_valid(fact: AttributeFact, operator: str, value: Value) -> Test:
    if value not in _VALIDITY or operator != "==":
        raise QueryInvalid(
            f"{fact.name} is yes, no, unknown or proposed: ask == or !=, not {operator} {value!r}."
        )
    wanted = _VALIDITY[value]
    return lambda column: column.is_(None) if wanted is None else column == wanted


def _has_flag(fact: AttributeFact, operator: str, value: Value) -> Test:
    if operator != "==":
        raise QueryInvalid(f"{fact.name} are flags: ask == or !=, not {operator}.")
    return lambda column: literal(value) == any_(column)


def _as_version(fact: AttributeFact, operator: str, value: Value) -> Test:
    wanted = version_key(str(value))
    if wanted is None:
        raise QueryInvalid(
            f"{value!r} is no version.",
            hint=f"{fact.name} is compared with one, as '1.4', '1.4b1' or 'muse/2.8.7'; "
            "~ asks for its text.",
        )
    key = literal(wanted, VERSION_KEY)
    return lambda column: _OPERATORS[operator](key_in_sql(column), key)


def _uuid(fact: AttributeFact, value: Value) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise QueryInvalid(
            f"{value!r} is no whole id.",
            hint=f"{fact.name} takes all 32 digits of one.",
        ) from None


_OWN_WAYS: dict[str, Callable[[AttributeFact, str, Value], Test]] = {
    "time": _in_time,
    "validity": _is_valid,
    "flags": _has_flag,
    "version": _as_version,
}
"""What is not compared as its column is."""
