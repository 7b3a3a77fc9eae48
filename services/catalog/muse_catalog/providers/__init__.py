"""Answers in the formats of others."""

from muse_catalog.providers.files import FILE_COLUMNS, FileList, WgetScript
from muse_catalog.providers.texts import Csv, Ecsv, JsonLines
from muse_catalog.providers.values import TableWriter

__all__ = [
    "FILE_COLUMNS",
    "FileList",
    "TableWriter",
    "WgetScript",
    "table_writer",
]


def table_writer(name: str) -> TableWriter:
    """Give the writer of a format; what it needs is loaded now, not at the start.

    Raises
    ------
    KeyError
        There is no such format.
    """
    from muse_catalog.providers.arrow import ArrowStream, Parquet
    from muse_catalog.providers.fits_table import FitsTable
    from muse_catalog.providers.votable import VoTable

    writers: dict[str, type[TableWriter]] = {
        "csv": Csv,
        "ecsv": Ecsv,
        "jsonl": JsonLines,
        "votable": VoTable,
        "fits": FitsTable,
        "parquet": Parquet,
        "arrow": ArrowStream,
    }
    return writers[name]()
