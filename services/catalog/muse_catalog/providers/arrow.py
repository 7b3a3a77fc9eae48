"""Tables of Apache Arrow: Parquet files, and the stream that data frames read."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import override

from muse_catalog.models.objects import AttributeInfo
from muse_catalog.providers.units import unit_of
from muse_catalog.providers.values import plain_rows
from muse_catalog.providers.votable import votable_frame

__all__ = ["ArrowStream", "Parquet", "schema_of"]

ROW_GROUP = 50_000
_TYPES = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}


def schema_of(columns: Sequence[AttributeInfo], **more: str) -> pa.Schema:
    """Give the schema of columns; each field carries ``unit``, ``ucd``, ``description``."""
    return pa.schema([_field(column) for column in columns], metadata=more or None)


def _field(column: AttributeInfo) -> pa.Field:
    told = {"unit": unit_of(column), "ucd": column.ucd, "description": column.doc}
    kept = {name: value for name, value in told.items() if value}
    return pa.field(column.name, _TYPES.get(column.type, pa.string()), metadata=kept)


class _Sink(io.RawIOBase):
    """Takes what is written, to be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._at = 0

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    @override
    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        """Give what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class ArrowStream:
    """The streaming format of Arrow IPC."""

    media_type = "application/vnd.apache.arrow.stream"
    suffix = "arrows"

    def __init__(self) -> None:
        self._sink = _Sink()
        self._columns: Sequence[AttributeInfo] = ()
        self._schema = pa.schema([])
        self._writer: Any = None

    def head(self, columns: Sequence[AttributeInfo]) -> bytes:
        """Give the schema."""
        self._columns = columns
        self._schema = self._schema_of(columns)
        self._writer = self._open()
        return self._sink.taken()

    def _schema_of(self, columns: Sequence[AttributeInfo]) -> pa.Schema:
        return schema_of(columns)

    def _open(self) -> Any:
        return pa.ipc.new_stream(pa.PythonFile(self._sink, mode="w"), self._schema)

    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Give a batch of rows."""
        if rows:
            self._writer.write_batch(self._batch(rows))
        return self._sink.taken()

    def _batch(self, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
        values = list(zip(*plain_rows(self._columns, rows), strict=True))
        arrays = [
            pa.array(one, type=field.type)
            for one, field in zip(values, self._schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def tail(self) -> Iterator[bytes]:
        """Give the end."""
        self._writer.close()
        yield self._sink.taken()


class Parquet(ArrowStream):
    """A Parquet file, row group by row group; it carries a VOTable header (VOParquet)."""

    media_type = "application/vnd.apache.parquet"
    suffix = "parquet"

    def __init__(self) -> None:
        super().__init__()
        self._gathered: list[pa.RecordBatch] = []
        self._count = 0

    @override
    def _schema_of(self, columns: Sequence[AttributeInfo]) -> pa.Schema:
        told = {
            "IVOA.VOTable-Parquet.version": "1.0",
            "IVOA.VOTable-Parquet.content": votable_frame(columns),
        }
        return schema_of(columns, **told)

    @override
    def _open(self) -> Any:
        sink = pa.PythonFile(self._sink, mode="w")
        return pq.ParquetWriter(sink, self._schema, compression="zstd")

    @override
    def rows(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Gather rows; give a row group when there are enough of them."""
        if rows:
            self._gathered.append(self._batch(rows))
            self._count += len(rows)
        if self._count >= ROW_GROUP:
            self._flush()
        return self._sink.taken()

    def _flush(self) -> None:
        if self._gathered:
            self._writer.write_table(pa.Table.from_batches(self._gathered))
        self._gathered, self._count = [], 0

    @override
    def tail(self) -> Iterator[bytes]:
        """Give the last row group and the footer."""
        self._flush()
        self._writer.close()
        yield self._sink.taken()
