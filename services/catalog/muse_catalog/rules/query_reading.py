"""Conditions read from text, by the grammar beside this file."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from math import isfinite
from typing import Any, TypeVar

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from pydantic import BaseModel, ValidationError

from muse_catalog.models.query import (
    Aggregate,
    And,
    Attribute,
    Between,
    Box,
    Compare,
    Cone,
    Day,
    HeaderKeyword,
    In,
    Instant,
    IsNull,
    Like,
    MadeFrom,
    Near,
    Not,
    Or,
    Order,
    Path,
    QcParameter,
    Term,
    UsedBy,
    Value,
)
from muse_catalog.rules.errors import QueryInvalid

__all__ = [
    "aggregates_of",
    "columns_of",
    "condition_of",
    "order_of",
    "path_of",
    "pointed",
]

LONGEST = 20_000
DEEPEST = 60
_DEGREES = {"deg": 1.0, "arcmin": 1 / 60, "arcsec": 1 / 3600}
_WORDS = {
    "NAME": "an attribute",
    "STRING": "a text in quotes",
    "INT": "a number",
    "FLOAT": "a number",
    "DATE": "a date (2014-01-31)",
    "DATETIME": "a time (2014-01-31T12:00:00)",
    "FUNCTION": "count, min, max, mean, median or stddev",
    "EQUAL": "=",
    "OPERATOR": "a comparison (== != < <= > >=)",
    "NOT": "~",
    "AND": "&",
    "OR": "|",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": ",",
    "$END": "the end",
}


# -- reading
def condition_of(text: str) -> Term:
    """Read a condition.

    Raises
    ------
    QueryInvalid
        Where it is wrong, what was found there, what would be right.
    """
    found: Term = _read(text, "start")
    return found


def path_of(text: str) -> Path:
    """Read what is asked about: an attribute, a keyword, a QC value.

    Raises
    ------
    QueryInvalid
    """
    found: Path = _read(text, "path")
    return found


def order_of(text: str) -> tuple[Order, ...]:
    """Read the keys of an order, ``-ron, nifu``; a minus: the largest first.

    Raises
    ------
    QueryInvalid
    """
    return tuple(_read(text, "order")) if text.strip() else ()


def columns_of(text: str) -> tuple[Path, ...]:
    """Read the names of columns: ``nifu, ron, processing.pipeline_version``.

    Raises
    ------
    QueryInvalid
    """
    return tuple(key.path for key in order_of(text))


def aggregates_of(text: str) -> tuple[Aggregate, ...]:
    """Read what is given of groups: ``n=count, median(fwhm), worst=max(fwhm)``.

    Without a name it is called after its function and attribute: ``median_fwhm``.

    Raises
    ------
    QueryInvalid
    """
    return tuple(_read(text, "aggregates")) if text.strip() else ()


def _read(text: str, start: str) -> Any:
    if len(text) > LONGEST:
        raise QueryInvalid(
            f"The query has {len(text):,} signs; {LONGEST:,} are read.",
            hint="Ask for less at a time.",
        )
    if not text.strip():
        raise QueryInvalid(
            "The query is empty.", hint="Say for example: night == 2014-01-31"
        )
    try:
        found = _parser().parse(text, start=start)
    except UnexpectedInput as error:
        raise _wrong(text, error) from None
    except _Wrong as error:
        raise QueryInvalid(f"{error}\n{pointed(text, error.place)}") from None
    _check_depth(found)
    return found


@cache
def _parser() -> Lark:
    grammar = resources.files(__package__).joinpath("query_grammar.lark").read_text()
    return Lark(
        grammar,
        start=["start", "path", "order", "aggregates"],
        parser="lalr",
        transformer=_Builder(),
        maybe_placeholders=False,
    )


_Node = TypeVar("_Node", bound=BaseModel)


class _Wrong(Exception):
    """The grammar is kept, and yet it cannot be so."""

    def __init__(self, place: int | None, said: str) -> None:
        super().__init__(said)
        self.place = place or 0


def _make(kind: type[_Node], token: Token, **values: Any) -> _Node:
    """Make a part of the tree; `token` says where it stands."""
    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"] if isinstance(part, str))
        said = first["msg"].removeprefix("Value error, ")
        raise _Wrong(
            token.start_pos, f"{where}: {said}." if where else f"{said}."
        ) from None


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Makes the tree while it is read, so nothing recurses."""

    # -- terms
    def start(self, term: Any) -> Any:
        return term

    def either(self, *terms: Any) -> Any:
        return Or(terms=_without_signs(terms))

    def all_of(self, *terms: Any) -> Any:
        return And(terms=_without_signs(terms))

    def negation(self, _: Token, term: Any) -> Not:
        return Not(term=term)

    def bracket(self, term: Any) -> Any:
        return term

    def compare(self, path: Path, operator: Token, value: Value) -> Compare:
        given = "==" if operator == "=" else str(operator)
        return _make(Compare, operator, path=path, operator=given, value=value)

    def like(self, path: Path, _: Token, pattern: Token) -> Like:
        return Like(path=path, pattern=_text(pattern))

    def between(
        self, path: Path, word: Token, low: Value, _: Token, high: Value
    ) -> Between:
        return _make(Between, word, path=path, low=low, high=high)

    def one_of(self, path: Path, word: Token, *values: Value) -> In:
        return _make(In, word, path=path, values=values)

    def null(self, path: Path, *_: Token) -> IsNull:
        return IsNull(path=path)

    def not_null(self, path: Path, *_: Token) -> Not:
        return Not(term=IsNull(path=path))

    def cone(self, word: Token, ra: float, dec: float, *radius: Any) -> Cone:
        size = radius[0] * _DEGREES[str(radius[1]).lower() if radius[1:] else "deg"]
        return _make(Cone, word, ra=ra, dec=dec, radius=size)

    def near(self, word: Token, name: Token, *radius: Any) -> Near:
        if not radius:
            return _make(Near, word, name=_text(name))
        size = radius[0] * _DEGREES[str(radius[1]).lower() if radius[1:] else "deg"]
        return _make(Near, word, name=_text(name), radius=size)

    def box(self, word: Token, *corners: float) -> Box:
        names = ("ra_low", "ra_high", "dec_low", "dec_high")
        return _make(Box, word, **dict(zip(names, corners, strict=True)))

    def made_from(self, word: Token, *given: Token) -> MadeFrom:
        return _make(MadeFrom, word, **_kin(given))

    def used_by(self, word: Token, *given: Token) -> UsedBy:
        return _make(UsedBy, word, **_kin(given))

    # -- paths
    def attribute(self, name: Token) -> Attribute:
        return _make(Attribute, name, name=str(name))

    def header(self, word: Token, *given: Token) -> HeaderKeyword:
        extension = _text(given[1]) if given[1:] else None
        return _make(HeaderKeyword, word, keyword=_text(given[0]), extension=extension)

    def qc(self, word: Token, *given: Token) -> QcParameter:
        ifu = int(given[1]) if given[1:] else None
        return _make(QcParameter, word, name=_text(given[0]), ifu=ifu)

    def order(self, *keys: Order) -> tuple[Order, ...]:
        return keys

    def aggregates(self, *found: Aggregate) -> tuple[Aggregate, ...]:
        return found

    def aggregate(self, *parts: Any) -> Aggregate:
        words = [part for part in parts if isinstance(part, Token)]
        path = next((part for part in parts if not isinstance(part, Token)), None)
        function = words[-1]
        name = str(words[0]) if len(words) > 1 else _called(function, path)
        return _make(
            Aggregate, words[0], name=name, function=function.lower(), path=path
        )

    def upwards(self, path: Path) -> Order:
        return Order(path=path)

    def downwards(self, path: Path) -> Order:
        return Order(path=path, descending=True)

    # -- values
    def integer(self, token: Token) -> int:
        if len(token) > 25:
            raise _Wrong(token.start_pos, "The number is too long.")
        return int(token)

    def real(self, token: Token) -> float:
        value = float(token)
        if not isfinite(value):
            raise _Wrong(token.start_pos, "The number is too large.")
        return value

    def text(self, token: Token) -> str:
        return _text(token)

    def true(self, _: Token) -> bool:
        return True

    def false(self, _: Token) -> bool:
        return False

    def day(self, token: Token) -> Day:
        try:
            return Day(day=date.fromisoformat(token))
        except ValueError as error:
            raise _Wrong(token.start_pos, f"{token} is no date: {error}.") from None

    def instant(self, token: Token) -> Instant:
        try:
            moment = datetime.fromisoformat(token)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return Instant(instant=aware)
        except (ValueError, OverflowError) as error:
            raise _Wrong(token.start_pos, f"{token} is no time: {error}.") from None


def _called(function: Token, path: Path | None) -> str:
    """Give the name of an aggregate that nobody named."""
    if path is None:
        return function.lower()
    if not isinstance(path, Attribute):
        raise _Wrong(
            function.start_pos, f"It needs a name: value={function.lower()}(…)."
        )
    return f"{function.lower()}_{path.name.replace('.', '_')}"


def _without_signs(terms: Sequence[Any]) -> tuple[Term, ...]:
    return tuple(one for one in terms if not isinstance(one, Token))


def _kin(given: Sequence[Token]) -> dict[str, Any]:
    return {
        "object_id": _text(given[0]),
        "depth": int(given[1]) if given[1:] else None,
    }


def _text(token: Token) -> str:
    """Give a text in quotes; in single ones a double quote needs no backslash."""
    inner = token[1:-1]
    if token[0] == "'":
        inner = inner.replace("\\'", "'")
        inner = re.sub(r'((?:^|[^\\])(?:\\\\)*)"', r"\1\"", inner)
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError as error:
        raise _Wrong(token.start_pos, f"The text is written wrong: {error}.") from None


def _check_depth(found: Any) -> None:
    """Refuse what is nested so deep that nobody could have meant it."""
    waiting = [(found, 1)]
    while waiting:
        term, depth = waiting.pop()
        if depth > DEEPEST:
            raise QueryInvalid(
                f"The query is nested deeper than {DEEPEST}.",
                hint="Use fewer brackets.",
            )
        if isinstance(term, Not):
            waiting.append((term.term, depth + 1))
        elif isinstance(term, And | Or):
            waiting.extend((one, depth + 1) for one in term.terms)


def _wrong(text: str, error: UnexpectedInput) -> QueryInvalid:
    token = getattr(error, "token", None)
    at_end = token is not None and token.type == "$END"
    place = len(text) if at_end else int(getattr(error, "pos_in_stream", None) or 0)
    expected = getattr(error, "accepts", None) or getattr(error, "allowed", None) or ()
    words = list(
        dict.fromkeys(_WORDS.get(one, one.lower()) for one in sorted(expected))
    )
    found = "the end" if place >= len(text) else repr(_word_at(text, place))
    return QueryInvalid(
        f"At sign {place + 1} of the query stands {found}; expected is "
        f"{_listed(words)}.\n{pointed(text, place)}"
    )


def _word_at(text: str, place: int) -> str:
    return str(token) if (token := text[place:].split(maxsplit=1)[0][:40]) else ""


def _listed(words: Sequence[str]) -> str:
    if not words:
        return "something else"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def pointed(text: str, place: int) -> str:
    """Give the line of a query with a mark under the place that is wrong."""
    begin = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[begin : end if end >= 0 else None]
    column = place - begin
    first = max(0, column - 50)
    return f"  {line[first : first + 76]}\n  {' ' * (column - first)}^"
