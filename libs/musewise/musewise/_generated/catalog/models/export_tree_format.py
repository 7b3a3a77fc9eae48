from typing import Literal

ExportTreeFormat = Literal[
    "arrow", "csv", "ecsv", "files", "fits", "jsonl", "parquet", "votable", "wget"
]

EXPORT_TREE_FORMAT_VALUES: set[ExportTreeFormat] = {
    "arrow",
    "csv",
    "ecsv",
    "files",
    "fits",
    "jsonl",
    "parquet",
    "votable",
    "wget",
}


def check_export_tree_format(value: str) -> ExportTreeFormat:
    if value in EXPORT_TREE_FORMAT_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_TREE_FORMAT_VALUES!r}"
    )
