"""Answers as tables of astropy, pandas and polars; each is imported when asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from musewise.answers import USUAL
from musewise.errors import UsageError

if TYPE_CHECKING:
    from musewise.answers import Asked

__all__ = [
    "arrow_bytes",
    "astropy_table",
    "pandas_of_arrow",
    "pandas_table",
    "polars_of_arrow",
    "values_of",
]

Columns = list[dict[str, Any]]
Rows = list[list[Any]]

_READ: dict[str, Callable[[str], Any]] = {
    "time": lambda text: datetime.fromisoformat(text),
    "date": lambda text: date.fromisoformat(text),
}
_UNITLESS = {None, "1", "UTC"}


def values_of(columns: Columns, rows: Rows) -> dict[str, list[Any]]:
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
    frame = pd.DataFrame(values_of(columns, rows))
    frame.attrs["units"] = {one["name"]: one["unit"] for one in columns if one["unit"]}
    return frame


def arrow_bytes(query: Asked) -> bytes:
    """Give an answer as a stream of Arrow."""
    from musewise.exports import pieces

    asked = query if query.columns or query.is_grouped else query.select(*USUAL)
    return b"".join(pieces(asked, "arrow"))


def pandas_of_arrow(arrow: Callable[[], bytes]) -> Any:
    """Give a pandas ``DataFrame`` of a stream of Arrow; None without pyarrow."""
    try:
        import pandas as pd
    except ImportError:
        raise _needs("pandas") from None
    try:
        import pyarrow as pa
    except ImportError:
        return None
    table = pa.ipc.open_stream(arrow()).read_all()
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    units = {one.name: (one.metadata or {}).get(b"unit") for one in table.schema}
    frame.attrs["units"] = {name: unit.decode() for name, unit in units.items() if unit}
    return frame


def polars_of_arrow(arrow: Callable[[], bytes]) -> Any:
    """Give a polars ``DataFrame`` of a stream of Arrow."""
    try:
        import polars as pl
    except ImportError:
        raise _needs("polars") from None
    return pl.read_ipc_stream(arrow())


def _needs(package: str) -> UsageError:
    return UsageError(f"This needs {package}.", hint=f"pip install {package}")
