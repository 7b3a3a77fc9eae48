"""A FITS binary table. Its header says how many rows and how wide texts are.

So rows wait in a file of their own, without a name, until all are there.
"""

import pickle
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from muse_catalog.models.objects import AttributeInfo
from muse_catalog.providers.units import unit_of
from muse_catalog.providers.values import Cell, plain_rows, text_of_cell

__all__ = ["FitsTable"]

BLOCK = 2880
UNKNOWN = -(2**63)
"""TNULL of whole numbers."""


class FitsTable:
    """A file with an empty primary HDU and one binary table."""

    media_type = "application/fits"
    suffix = "fits"

    def __init__(self) -> None:
        self._columns: Sequence[AttributeInfo] = ()
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115  closed by tail
        self._widths: list[int] = []
        self._count = 0

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give the primary HDU."""
        from astropy.io import fits

        self._columns = columns
        self._widths = [1] * len(columns)
        return bytes(fits.PrimaryHDU().header.tostring(), "ascii")

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Keep rows, and how wide they are."""
        cells = [
            [
                _fitting(column.type, cell)
                for column, cell in zip(self._columns, row, strict=True)
            ]
            for row in plain_rows(self._columns, rows)
        ]
        for row in cells:
            for n, cell in enumerate(row):
                if isinstance(cell, bytes):
                    self._widths[n] = max(self._widths[n], len(cell))
        pickle.dump(cells, self._spool)
        self._count += len(cells)
        return b""

    def tail(self) -> Iterator[bytes]:
        """Give the table."""
        import numpy as np

        types = [
            _numpy(one.type, width)
            for one, width in zip(self._columns, self._widths, strict=True)
        ]
        dtype = np.dtype([(f"c{n}", kind) for n, kind in enumerate(types)])
        yield self._header(types, dtype.itemsize)
        size = 0
        with self._spool as spool:
            spool.seek(0)
            left = self._count
            while left > 0:
                cells = pickle.load(spool)  # noqa: S301  written above
                left -= len(cells)
                piece = np.array([tuple(row) for row in cells], dtype=dtype).tobytes()
                size += len(piece)
                yield piece
        if size % BLOCK:
            yield b"\0" * (-size % BLOCK)

    def _header(self, types: Sequence[str], width: int) -> bytes:
        from astropy.io import fits

        header = fits.Header()
        header["XTENSION"] = ("BINTABLE", "binary table")
        header["BITPIX"] = 8
        header["NAXIS"] = 2
        header["NAXIS1"] = (width, "bytes of a row")
        header["NAXIS2"] = (self._count, "rows")
        header["PCOUNT"] = 0
        header["GCOUNT"] = 1
        header["TFIELDS"] = len(types)
        header["EXTNAME"] = "OBJECTS"
        for n, (column, kind) in enumerate(zip(self._columns, types, strict=True), 1):
            _describe(header, n, column, kind)
        return bytes(header.tostring(), "ascii")


def _describe(header: Any, n: int, column: AttributeInfo, kind: str) -> None:
    header[f"TTYPE{n}"] = _ascii(column.name)
    header[f"TFORM{n}"] = {">i8": "K", ">f8": "D", "S1": "L"}.get(
        kind if column.type in ("int", "float", "bool") else "", f"{kind[1:]}A"
    )
    if column.type == "int":
        header[f"TNULL{n}"] = UNKNOWN
    if (unit := unit_of(column, "fits")) is not None:
        header[f"TUNIT{n}"] = unit
    if column.ucd is not None:
        header[f"TUCD{n}"] = column.ucd
    header[f"TCOMM{n}"] = _ascii(column.doc)[:60]


def _numpy(kind: str, width: int) -> str:
    return {"int": ">i8", "float": ">f8", "bool": "S1"}.get(kind, f"S{width}")


def _fitting(kind: str, cell: Cell) -> Any:
    """Give a value as the table keeps it; FITS knows ASCII only."""
    match kind:
        case "int":
            return UNKNOWN if cell is None else cell
        case "float":
            return float("nan") if cell is None else cell
        case "bool":
            return b"\0" if cell is None else b"T" if cell else b"F"
        case _:
            return _ascii(text_of_cell(cell)).encode("ascii")


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()
