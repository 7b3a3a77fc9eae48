"""Attributes of classes: comparing one makes a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NoReturn

from typing_extensions import override

from musewise.errors import QueryError
from musewise.query import BRACKETS, NO_TRUTH, ONE, Query, is_day, quoted

if TYPE_CHECKING:
    from musewise.classes import ObjectClass

__all__ = ["Field", "Order"]

_TAKES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "id": (str,),
    "flags": (str,),
    "validity": (str, bool),
    "int": (int, float),
    "float": (int, float),
    "bool": (bool,),
    "time": (date, str),
    "date": (date, str),
    "any": (str, int, float, bool),
}


@dataclass(frozen=True, eq=False)
class Order:
    """A key of an order: ``-Cube.DATE_OBS`` is the latest first."""

    field: Field
    descending: bool = False

    def __neg__(self) -> Order:
        return replace(self, descending=not self.descending)

    @property
    def path(self) -> str:
        """How it is written: ``-DATE_OBS``."""
        return f"{'-' * self.descending}{self.field.path}"


class Field:
    """An attribute of a class: comparing it makes a `Query`.

    ``type`` is one of str, int, float, bool, time, date, id, flags, validity, any.
    """

    __hash__ = object.__hash__

    def __init__(
        self,
        owner: ObjectClass,
        path: str,
        type_: str,
        unit: str | None = None,
        doc: str = "",
    ) -> None:
        self.owner = owner
        self.path = path
        self.type = type_
        self.unit = unit
        self.__doc__ = doc

    @override
    def __repr__(self) -> str:
        unit = f" [{self.unit}]" if self.unit not in (None, "1") else ""
        return f"<{self.owner.name}.{self.path}: {self.type}{unit}>"

    def __neg__(self) -> Order:
        return Order(self, descending=True)

    # -- comparisons
    @override
    def __eq__(self, value: object) -> Query:  # type: ignore[override]
        return self.is_null() if value is None else self._compare("==", value)

    @override
    def __ne__(self, value: object) -> Query:  # type: ignore[override]
        return self.is_known() if value is None else self._compare("!=", value)

    def __lt__(self, value: Any) -> Query:
        return self._compare("<", value)

    def __le__(self, value: Any) -> Query:
        return self._compare("<=", value)

    def __gt__(self, value: Any) -> Query:
        return self._compare(">", value)

    def __ge__(self, value: Any) -> Query:
        return self._compare(">=", value)

    def between(self, low: Any, high: Any) -> Query:
        """Ask for a range, both ends included."""
        return self._query(f"between {self._text(low)} and {self._text(high)}")

    def like(self, pattern: str) -> Query:
        """Ask for a text: ``*`` is any text, ``?`` any character (``%`` is ``*``)."""
        return self._query(f"~ {quoted(pattern.replace('%', '*'))}")

    def in_(self, *values: Any) -> Query:
        """Ask for one of several values, given one by one or as a list."""
        given = values[0] if len(values) == 1 and _is_list(values[0]) else values
        listed = ", ".join(map(self._text, given))
        if not listed:
            raise QueryError(f"{self._name}.in_() needs at least one value.")
        return self._query(f"in ({listed})")

    def is_null(self) -> Query:
        """Ask for objects of which it is not known."""
        return self._query("is null")

    def is_known(self) -> Query:
        """Ask for objects of which it is known."""
        return self._query("is not null")

    def _compare(self, operator: str, value: Any) -> Query:
        return self._query(f"{operator} {self._text(value)}")

    def _query(self, asked: str) -> Query:
        return Query(self.owner.name, f"{self.path} {asked}", ONE)

    @property
    def _name(self) -> str:
        return f"{self.owner.name}.{self.path}"

    def _text(self, value: Any) -> str:
        """Write a value as the language has it.

        Raises
        ------
        QueryError
            The attribute cannot have it.
        """
        takes = _TAKES[self.type]
        no_bool = isinstance(value, bool) and bool not in takes
        if no_bool or not isinstance(value, takes):
            raise QueryError(
                f"{self._name} takes {self.type}, got {type(value).__name__} {value!r}"
            )
        if self.type in ("time", "date") and isinstance(value, str):
            return _moment(self._name, value)
        return _written(value, whole_day=self.type == "time")

    # -- mistakes that are often made
    def __bool__(self) -> NoReturn:
        raise QueryError(NO_TRUTH)

    def _forgot(self, other: object) -> NoReturn:
        raise QueryError(f"{self._name} is no condition. {BRACKETS}")

    __and__ = __rand__ = __or__ = __ror__ = _forgot

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.owner.field(f"{self.path}.{name}")


# -- values as the language writes them
def _written(value: Any, *, whole_day: bool) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            if whole_day and aware.timetz() == time(tzinfo=UTC):
                return aware.date().isoformat()
            return aware.isoformat()
        case date():
            return value.isoformat()
        case str():
            return quoted(value)
        case _:
            return repr(value)


def _moment(name: str, value: str) -> str:
    """Write a date or a time that was given as text."""
    try:
        if is_day(value):
            return date.fromisoformat(value).isoformat()
        return _written(datetime.fromisoformat(value), whole_day=False)
    except ValueError as error:
        raise QueryError(
            f"{name} takes a date or a time, got {value!r}: {error}."
        ) from None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)
