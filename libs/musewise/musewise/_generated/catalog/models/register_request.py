from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.row_to_register import RowToRegister


T = TypeVar("T", bound="RegisterRequest")


@_attrs_define
class RegisterRequest:
    """Rows to be registered as metadata only.

    Attributes:
        project (str):
        rows (list[RowToRegister]):
    """

    project: str
    rows: list[RowToRegister]

    def to_dict(self) -> dict[str, Any]:
        project = self.project

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project": project,
                "rows": rows,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.row_to_register import RowToRegister  # noqa: PLC0415

        d = dict(src_dict)
        project = d.pop("project")

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = RowToRegister.from_dict(rows_item_data)

            rows.append(rows_item)

        register_request = cls(
            project=project,
            rows=rows,
        )

        return register_request
