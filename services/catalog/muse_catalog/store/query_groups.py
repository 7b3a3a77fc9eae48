"""Groups of objects as SQL: rows are made first, then grouped, then put in order."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, func, or_, select
from sqlalchemy import cast as sql_cast

from muse_catalog.rules import GroupColumn

__all__ = ["group_statement"]

_AGGREGATES: dict[str, Callable[[Any], ColumnElement[Any]]] = {
    "min": func.min,
    "max": func.max,
    "mean": lambda column: sql_cast(func.avg(column), Float(53)),
    "median": lambda column: func.percentile_cont(0.5).within_group(column),
    "stddev": lambda column: sql_cast(func.stddev_samp(column), Float(53)),
}


def group_statement(
    rows: Select[Any],
    columns: Sequence[GroupColumn],
    order: Sequence[tuple[int, bool]],
    after: Sequence[Any] | None,
) -> Select[Any]:
    """Give the statement of a page of groups: ``c0``, ``c1``.

    Parameters
    ----------
    rows
        Of each object what the columns are made from, ``c0``, ``c1``; what is only
        counted is not among them.
    order
        Numbers of columns, and whether the largest comes first; total.
    after
        The values of the last group of the page before, in that order.
    """
    made = rows.subquery()
    aggregated = [
        _aggregated(made, column, f"c{n}").label(f"c{n}")
        for n, column in enumerate(columns)
    ]
    common = [
        made.c[f"c{n}"] for n, column in enumerate(columns) if column.function is None
    ]
    groups = select(*aggregated).select_from(made).group_by(*common).subquery()
    keys = [(groups.c[f"c{n}"], descending) for n, descending in order]
    asked = select(groups)
    if after is not None:
        asked = asked.where(_beyond(keys, after))
    return asked.order_by(
        *(
            key.desc().nulls_last() if descending else key.asc().nulls_last()
            for key, descending in keys
        )
    )


def _aggregated(made: Any, column: GroupColumn, name: str) -> ColumnElement[Any]:
    if column.function is None:
        found: ColumnElement[Any] = made.c[name]
        return found
    if column.function == "count":
        return func.count() if column.of is None else func.count(made.c[name])
    return _AGGREGATES[column.function](made.c[name])


def _beyond(
    keys: Sequence[tuple[ColumnElement[Any], bool]], after: Sequence[Any]
) -> ColumnElement[bool]:
    """Give the condition of what comes after a group; nulls come last."""
    same: list[ColumnElement[bool]] = []
    ways = []
    for (key, descending), value in zip(keys, after, strict=True):
        if value is not None:
            further = key < value if descending else key > value
            ways.append(and_(*same, or_(further, key.is_(None))))
        same.append(key.is_not_distinct_from(value))
    return or_(*ways) if ways else func.false()
