"""What a question gives beside objects: tables, groups' rows, files of every format."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from musewise.errors import TooMany

if TYPE_CHECKING:
    from musewise.session import Session

__all__ = [
    "TABLE_ROWS",
    "USUAL",
    "Asked",
    "Tabular",
    "require_size",
    "with_columns",
]

TABLE_ROWS = 100_000
USUAL = ("filename", "ifu", "night", "DATE_OBS", "OBJECT", "EXPTIME", "INS_MODE")
"""Columns of a table where none are named."""


class Asked(Protocol):
    """What tables are made of: a query."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def at_most(self) -> int | None:
        """So many rows at most."""
        ...

    @property
    def is_grouped(self) -> bool:
        """Whether rows are groups."""
        ...

    def select(self, *columns: str) -> Any:
        """Name the columns."""
        ...

    def count(self) -> int:
        """Count the objects."""
        ...

    def parameters(self) -> dict[str, str]:
        """Give what is sent."""
        ...

    def table_rows(self) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        """Give columns and rows."""
        ...

    def to_file(self, path: str | Path, format_: str) -> Path:
        """Write a file."""
        ...

    def check_size(self, what: str) -> None:
        """Refuse what is too large."""
        ...

    def _session(self) -> Session: ...


class Tabular:
    """A query as a table; see `musewise.query.Query`."""

    # -- in memory
    def table_rows(self: Asked) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        """Give columns (name, type, unit, doc) and rows, all of one moment.

        Raises
        ------
        TooMany
            More than 100,000 rows and no limit.
        BrokenOffError
            The answer ended before it was whole.
        """
        from musewise.exports import stream_rows

        query = with_columns(self)
        query.check_size("to_table()")
        rows = stream_rows(query)
        columns = next(rows)
        if self.at_most is not None:
            return columns, list(rows)
        found = list(islice(rows, TABLE_ROWS + 1))
        require_size(len(found), "to_table()")  # the count may have been an estimate
        return columns, found

    def check_size(self: Asked, what: str) -> None:
        """Refuse an answer that is too large for the memory.

        Raises
        ------
        TooMany
        """
        if self.is_grouped:
            return
        require_size(self.count() if self.at_most is None else self.at_most, what)

    def to_table(self: Asked) -> Any:
        """Give an astropy ``QTable`` with units and descriptions; needs astropy.

        Raises
        ------
        TooMany
            More than 100,000 rows.
        """
        from musewise.tables import astropy_table

        return astropy_table(*self.table_rows())

    def to_pandas(self: Asked) -> Any:
        """Give a pandas ``DataFrame``; needs pandas. Comes as Arrow with pyarrow."""
        from musewise.tables import arrow_bytes, pandas_of_arrow, pandas_table

        self.check_size("to_pandas()")
        frame = pandas_of_arrow(lambda: arrow_bytes(self))
        return pandas_table(*self.table_rows()) if frame is None else frame

    def to_polars(self: Asked) -> Any:
        """Give a polars ``DataFrame``; needs polars. It comes as Arrow."""
        from musewise.tables import arrow_bytes, polars_of_arrow

        self.check_size("to_polars()")
        return polars_of_arrow(lambda: arrow_bytes(self))

    # -- on disk
    def to_file(self: Asked, path: str | Path, format_: str) -> Path:
        """Write all that fits into a file, of any size; see `musewise.exports.FORMATS`.

        The file is there when it is whole, never before.

        Raises
        ------
        BrokenOffError
            The answer ended before it was whole.
        DiskFullError
            There is no room for it.
        """
        from musewise.exports import export

        return export(self, Path(path), format_)

    def to_votable(self: Asked, path: str | Path) -> Path:
        """Write a VOTable, with units and UCDs; see `to_file`."""
        return self.to_file(path, "votable")

    def to_fits(self: Asked, path: str | Path) -> Path:
        """Write a FITS table, with units; see `to_file`."""
        return self.to_file(path, "fits")

    def to_csv(self: Asked, path: str | Path) -> Path:
        """Write CSV; see `to_file`."""
        return self.to_file(path, "csv")

    def to_parquet(self: Asked, path: str | Path) -> Path:
        """Write Parquet, with units in the fields' metadata; see `to_file`."""
        return self.to_file(path, "parquet")

    def to_jsonl(self: Asked, path: str | Path) -> Path:
        """Write lines of JSON; see `to_file`."""
        return self.to_file(path, "jsonl")

    def file_list(self: Asked, path: str | Path) -> Path:
        """Write sums and names of the files, for ``sha256sum --check``."""
        return self.to_file(path, "files")

    def wget_script(self: Asked, path: str | Path) -> Path:
        """Write a script that fetches the files with wget, and goes on where it broke."""
        return self.to_file(path, "wget")


def with_columns(query: Asked) -> Any:
    """Give the query of a table: with the usual columns where none are named."""
    return query if query.columns or query.is_grouped else query.select(*USUAL)


def require_size(found: int, what: str) -> None:
    """Refuse an answer of so many objects where it is too large for the memory.

    Raises
    ------
    TooMany
    """
    if found > TABLE_ROWS:
        raise _too_many(found, what)


def _too_many(found: int, what: str) -> TooMany:
    return TooMany(
        f"{_spoken(found)} objects; {what} stops at {_spoken(TABLE_ROWS)}.",
        hint="Add .limit(), .select() or use .to_parquet(path).",
    )


def _spoken(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
