"""Tables of the IVOA: astropy writes the frame, rows are put into it as they come."""

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from muse_catalog.models.objects import AttributeInfo
from muse_catalog.providers.units import unit_of
from muse_catalog.providers.values import Cell, plain_rows, text_of_cell

__all__ = ["VoTable", "votable_frame"]

_TYPES = {"int": "long", "float": "double", "bool": "boolean"}
_ASCII = {"time", "date", "id"}
_END = "</TABLE>"
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)}
"""Signs that XML cannot carry."""


def votable_frame(columns: Sequence[AttributeInfo]) -> str:
    """Give a VOTable document without rows: names, types, units, UCDs, meanings."""
    from astropy.io.votable.tree import Resource, TableElement, VOTableFile

    document = VOTableFile(version="1.4")
    resource = Resource(type="results")
    table = TableElement(document)
    document.resources.append(resource)
    resource.tables.append(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # units that astropy knows and VOUnit does not
        table.fields.extend(_field(document, column) for column in columns)
        table.create_arrays(0)
        written = io.BytesIO()
        document.to_xml(written, tabledata_format="tabledata")
    return written.getvalue().decode()


def _field(document: Any, column: AttributeInfo) -> Any:
    from astropy.io.votable.tree import Field

    told: dict[str, Any] = {
        "name": column.name,
        "datatype": _TYPES.get(column.type),
        "unit": unit_of(column, "votable"),
        "ucd": column.ucd,
    }
    if told["datatype"] is None:
        told["datatype"] = "char" if column.type in _ASCII else "unicodeChar"
        told["arraysize"] = "*"
    if column.type in ("time", "date"):
        told["xtype"] = "timestamp"
    field = Field(document, **told)
    field.description = column.doc
    return field


class VoTable:
    """A VOTable 1.4 with rows as TABLEDATA; what is not known is an empty cell."""

    media_type = "application/x-votable+xml"
    suffix = "vot"

    def __init__(self) -> None:
        self._columns: Sequence[AttributeInfo] = ()
        self._end = ""

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give the document up to its rows."""
        self._columns = columns
        begin, _, self._end = votable_frame(columns).partition(_END)
        return f"{begin}<DATA>\n<TABLEDATA>\n".encode()

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give some rows."""
        lines = (
            f"<TR>{''.join(f'<TD>{_written(cell)}</TD>' for cell in row)}</TR>\n"
            for row in plain_rows(self._columns, rows)
        )
        return "".join(lines).encode()

    def tail(self) -> Iterator[bytes]:
        """Give the rest of the document."""
        yield f"</TABLEDATA>\n</DATA>\n{_END}{self._end}".encode()


def _written(cell: Cell) -> str:
    return escape(text_of_cell(cell).translate(_CONTROL))
