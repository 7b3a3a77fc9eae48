"""Rows of a table as frames that are known by their metadata only."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from musewise.errors import UsageError

# Columns of the table that are no keywords: they name the row, or repeat what the
# catalog derives.
NO_KEYWORDS = frozenset({"name", "tag", "night", "kind"})
HYPHENATED = re.compile(r"^(DATE|MJD|RADE|TIME)_([A-Z]+)$")
NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


def read_rows(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """Give the rows of a CSV file as ``POST /catalog/register`` takes them.

    Columns are named after keywords, with ``_`` for the space or hyphen in them:
    ``DPR_TYPE`` is ``DPR TYPE``, ``DATE_OBS`` is ``DATE-OBS``. Empty cells are
    keywords that the frame lacks. A column ``tag`` makes the rows static
    calibrations (where ``kind`` says nothing else), a column ``kind`` says it by row.

    Raises
    ------
    UsageError
        The file cannot be read, or has no column ``ARCFILE``.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            columns = list(reader.fieldnames or [])
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as a table: {error}.") from error
    if "ARCFILE" not in columns:
        raise UsageError(
            f"{path} has no column ARCFILE.",
            hint="The first line names the columns, one of them ARCFILE.",
        )
    usual = kind or ("static" if "tag" in columns else "raw")
    return [_row(row, usual) for row in rows]


def _row(row: dict[str, str], usual_kind: str) -> dict[str, Any]:
    keywords = {
        _keyword(column): _value(cell)
        for column, cell in row.items()
        if column not in NO_KEYWORDS and cell not in ("", None)
    }
    kind = row.get("kind") or usual_kind
    named = {"name": row.get("name") or row["ARCFILE"], "kind": kind}
    tag = {"tag": row["tag"]} if row.get("tag") else {}
    return {**named, **tag, "keywords": keywords}


def _keyword(column: str) -> str:
    hyphenated = HYPHENATED.match(column)
    if hyphenated:
        return f"{hyphenated[1]}-{hyphenated[2]}"
    return column.replace("_", " ")


def _value(cell: str) -> float | str:
    return float(cell) if NUMBER.match(cell) else cell
