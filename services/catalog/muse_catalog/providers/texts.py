"""Tables as text: CSV, ECSV (CSV with units, of astropy), JSON lines."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from typing_extensions import override

from muse_catalog.models.objects import AttributeInfo
from muse_catalog.providers.units import unit_of
from muse_catalog.providers.values import plain_rows, text_of_cell

__all__ = ["Csv", "Ecsv", "JsonLines"]

_ECSV = {"int": "int64", "float": "float64", "bool": "bool"}


class Csv:
    """Names in the first line; what is not known is empty."""

    media_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def __init__(self) -> None:
        self._columns: Sequence[AttributeInfo] = ()

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give the line of names."""
        self._columns = columns
        return self._lines([[column.name for column in columns]])

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give a line for each row."""
        cells = plain_rows(self._columns, rows)
        return self._lines([[self._written(one) for one in row] for row in cells])

    def tail(self) -> Iterator[bytes]:
        """Give nothing."""
        return iter(())

    def _written(self, cell: Any) -> str:
        return text_of_cell(cell)

    def _lines(self, lines: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        return text.getvalue().encode()


class Ecsv(Csv):
    """CSV behind lines of YAML that say types, units and meanings (ECSV 1.0)."""

    media_type = "text/csv; charset=utf-8"
    suffix = "ecsv"

    @override
    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give the header of ECSV and the line of names."""
        told = ["%ECSV 1.0", "---", "delimiter: ','", "datatype:"]
        told += [f"- {json.dumps(_described(column))}" for column in columns]
        told += ["schema: astropy-2.0"]
        comments = "".join(f"# {line}\n" for line in told)
        return comments.encode() + super().head(columns)

    @override
    def _written(self, cell: Any) -> str:
        return str(cell) if isinstance(cell, bool) else text_of_cell(cell)


def _described(column: AttributeInfo) -> dict[str, Any]:
    told = {
        "name": column.name,
        "unit": unit_of(column),
        "datatype": _ECSV.get(column.type, "string"),
        "description": column.doc,
        "meta": None if column.ucd is None else {"ucd": column.ucd},
    }
    return {name: value for name, value in told.items() if value is not None}


class JsonLines:
    """An object in each line, with the names of the columns."""

    media_type = "application/x-ndjson"
    suffix = "jsonl"

    def __init__(self) -> None:
        self._columns: Sequence[AttributeInfo] = ()

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give nothing: every line says its names."""
        self._columns = columns
        return b""

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give a line for each row."""
        names = [column.name for column in self._columns]
        lines = (
            json.dumps(
                dict(zip(names, row, strict=True)), default=_json, ensure_ascii=False
            )
            for row in rows
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def tail(self) -> Iterator[bytes]:
        """Give nothing."""
        return iter(())


def _json(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
