from typing import Literal

GetExportFormat = Literal[
    "arrow", "csv", "ecsv", "files", "fits", "jsonl", "parquet", "votable", "wget"
]

GET_EXPORT_FORMAT_VALUES: set[GetExportFormat] = {
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


def check_get_export_format(value: str) -> GetExportFormat:
    if value in GET_EXPORT_FORMAT_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_EXPORT_FORMAT_VALUES!r}"
    )
