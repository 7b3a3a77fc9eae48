"""Values of an answer as every format of tables has them."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from muse_catalog.models.objects import AttributeInfo

__all__ = ["Cell", "TableWriter", "plain", "plain_rows", "text_of_cell"]

Cell = str | int | float | bool | datetime | date | None


class TableWriter(Protocol):
    """Writes a table piece by piece, in memory that does not grow with it.

    Attributes
    ----------
    media_type, suffix
        Of the whole, as HTTP and files call it.
    """

    media_type: str
    suffix: str

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give what comes before the rows. Called once, before all others."""

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give some rows; nothing while they are gathered."""

    def tail(self) -> "Pieces":
        """Give what comes after the rows."""


class Pieces(Protocol):
    """Bytes one after the other."""

    def __iter__(self) -> "Pieces": ...

    def __next__(self) -> bytes: ...


def plain(kind: str, value: Any) -> Cell:
    """Give a value as one of few types; `kind` is the type of its attribute."""
    if value is None:
        return None
    match kind:
        case "int" | "float" | "bool" | "time" | "date":
            cell: Cell = value
            return cell
        case "flags":
            return ",".join(value)
        case "any":
            return value if isinstance(value, str) else json.dumps(value)
        case _:
            return str(value)


def plain_rows(
    columns: Sequence[AttributeInfo], rows: Sequence[Sequence[Any]]
) -> list[list[Cell]]:
    """Give rows of few types."""
    kinds = [column.type for column in columns]
    return [[plain(*pair) for pair in zip(kinds, row, strict=True)] for row in rows]


def text_of_cell(cell: Cell) -> str:
    """Write a value; what is not known is nothing."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.replace(tzinfo=None).isoformat()
        case date():
            return cell.isoformat()
        case float():
            return repr(cell)
        case _:
            return str(cell)
