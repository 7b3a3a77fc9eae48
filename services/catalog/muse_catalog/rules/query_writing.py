"""Conditions written as text; ``query_reading`` reads them as the same tree."""

import json
from collections.abc import Sequence

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

__all__ = [
    "text_of",
    "text_of_aggregates",
    "text_of_columns",
    "text_of_order",
    "text_of_path",
]


def text_of(term: Term) -> str:
    """Write a condition; reading it gives the same tree."""
    match term:
        case Or():
            return " | ".join(_closed(one, Or) for one in term.terms)
        case And():
            return " & ".join(_closed(one, Or, And) for one in term.terms)
        case Not():
            return _negated(term.term)
        case MadeFrom() | UsedBy() | Cone() | Near() | Box():
            return f"{term.is_}({', '.join(_arguments(term))})"
        case _:
            return f"{text_of_path(term.path)} {_asked(term)}"


def _negated(term: Term) -> str:
    match term:
        case IsNull():
            return f"{text_of_path(term.path)} is not null"
        case Not(term=IsNull()):
            return f"~({text_of(term)})"
        case _:
            return f"~{_closed(term, *_WRITTEN_IN_WORDS)}"


def _arguments(term: MadeFrom | UsedBy | Cone | Near | Box) -> list[str]:
    match term:
        case Cone():
            return [str(one) for one in (term.ra, term.dec, term.radius)]
        case Near():
            return [_quoted(term.name), str(term.radius)]
        case Box():
            corners = (term.ra_low, term.ra_high, term.dec_low, term.dec_high)
            return [str(one) for one in corners]
        case _:
            depth = [] if term.depth is None else [str(term.depth)]
            return [_quoted(term.object_id), *depth]


_WRITTEN_IN_WORDS = (Or, And, Compare, Between, In, Like, IsNull)


def _closed(term: Term, *kinds: type) -> str:
    return f"({text_of(term)})" if isinstance(term, kinds) else text_of(term)


def _asked(term: Compare | Between | In | Like | IsNull) -> str:
    match term:
        case Compare():
            return f"{term.operator} {_written(term.value)}"
        case Between():
            return f"between {_written(term.low)} and {_written(term.high)}"
        case In():
            return f"in ({', '.join(map(_written, term.values))})"
        case Like():
            return f"~ {_quoted(term.pattern)}"
        case IsNull():
            return "is null"


def text_of_path(path: Path) -> str:
    """Write what is asked about."""
    match path:
        case Attribute():
            return path.name
        case HeaderKeyword():
            rest = "" if path.extension is None else f", {_quoted(path.extension)}"
            return f"header[{_quoted(path.keyword)}{rest}]"
        case QcParameter():
            rest = "" if path.ifu is None else f", {path.ifu}"
            return f"qc[{_quoted(path.name)}{rest}]"


def text_of_order(order: Sequence[Order]) -> str:
    """Write the keys of an order: ``-ron, nifu``."""
    return ", ".join(f"{'-' * key.descending}{text_of_path(key.path)}" for key in order)


def _written(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case Day():
            return value.day.isoformat()
        case Instant():
            return value.instant.isoformat()
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def text_of_columns(columns: Sequence[Path]) -> str:
    """Write the names of columns: ``nifu, ron``."""
    return ", ".join(map(text_of_path, columns))


def text_of_aggregates(aggregates: Sequence[Aggregate]) -> str:
    """Write what is given of groups: ``n=count, fwhm=median(fwhm)``."""
    return ", ".join(map(_aggregate, aggregates))


def _aggregate(one: Aggregate) -> str:
    of = "" if one.path is None else f"({text_of_path(one.path)})"
    return f"{one.name}={one.function}{of}"
