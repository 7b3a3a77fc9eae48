"""Answers as tables of astropy, pandas and polars; each is imported when asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from musewise.errors import UsageError

__all__ = ["astropy_table", "pandas_table", "polars_table"]

Columns = list[dict[str, Any]]
Rows = list[list[Any]]

_READ: dict[str, Callable[[str], Any]] = {
    "time": lambda text: datetime.fromisoformat(text),
    "date": lambda text: date.fromisoformat(text),
}
_UNITLESS = {None, "1", "UTC"}


def _values(columns: Columns, rows: Rows) -> dict[str, list[Any]]:
    """Give the values by column; times and dates as such."""
    found: dict[str, list[Any]] = {}
    for n, column in enumerate(columns):
        read: Callable[[Any], Any] = _READ.get(column["type"], _same)
        found[column["name"]] = [
            None if row[n] is None else read(row[n]) for row in rows
        ]
    return found


def _same(value: Any) -> Any:
    return value


def astropy_table(columns: Columns, rows: Rows) -> Any:
    """Give a ``QTable``: unknown values are masked, columns have unit and description."""
    try:
        from astropy.table import MaskedColumn, QTable
    except ImportError:
        raise _needs("astropy") from None
    table = QTable()
    for n, column in enumerate(columns):
        values = [row[n] for row in rows]
        unknown = [value is None for value in values]
        filled = [_FILL[column["type"]] if value is None else value for value in values]
        unit = None if column["unit"] in _UNITLESS else column["unit"]
        table[column["name"]] = MaskedColumn(
            [str(one) if isinstance(one, list | dict) else one for one in filled],
            mask=unknown if any(unknown) else None,
            unit=unit,
            description=column["doc"],
        )
    return table


_FILL: dict[str, Any] = {
    "int": 0,
    "float": 0.0,
    "bool": False,
    "str": "",
    "time": "",
    "date": "",
    "id": "",
    "flags": "",
    "validity": "",
    "any": "",
}


def pandas_table(columns: Columns, rows: Rows) -> Any:
    """Give a pandas ``DataFrame``; units are in ``frame.attrs["units"]``."""
    try:
        import pandas as pd  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise _needs("pandas") from None
    frame = pd.DataFrame(_values(columns, rows))
    frame.attrs["units"] = {one["name"]: one["unit"] for one in columns if one["unit"]}
    return frame


def polars_table(columns: Columns, rows: Rows) -> Any:
    """Give a polars ``DataFrame``."""
    try:
        import polars as pl  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise _needs("polars") from None
    return pl.DataFrame(_values(columns, rows), strict=False)


def _needs(package: str) -> UsageError:
    return UsageError(f"This needs {package}.", hint=f"pip install {package}")
