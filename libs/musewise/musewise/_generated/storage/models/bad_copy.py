from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="BadCopy")


@_attrs_define
class BadCopy:
    """A stored copy that was found to be damaged.

    Attributes:
        file_id (UUID):
        found_sha256 (str):
        replaced_from (None | UUID):
        reported_at (datetime.datetime):
        reported_by (str):
    """

    file_id: UUID
    found_sha256: str
    replaced_from: None | UUID
    reported_at: datetime.datetime
    reported_by: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file_id = str(self.file_id)

        found_sha256 = self.found_sha256

        replaced_from: None | str
        if isinstance(self.replaced_from, UUID):
            replaced_from = str(self.replaced_from)
        else:
            replaced_from = self.replaced_from

        reported_at = self.reported_at.isoformat()

        reported_by = self.reported_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file_id": file_id,
                "found_sha256": found_sha256,
                "replaced_from": replaced_from,
                "reported_at": reported_at,
                "reported_by": reported_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file_id = UUID(d.pop("file_id"))

        found_sha256 = d.pop("found_sha256")

        def _parse_replaced_from(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                replaced_from_type_0 = UUID(data)

                return replaced_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        replaced_from = _parse_replaced_from(d.pop("replaced_from"))

        reported_at = datetime.datetime.fromisoformat(d.pop("reported_at"))

        reported_by = d.pop("reported_by")

        bad_copy = cls(
            file_id=file_id,
            found_sha256=found_sha256,
            replaced_from=replaced_from,
            reported_at=reported_at,
            reported_by=reported_by,
        )

        bad_copy.additional_properties = d
        return bad_copy

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
