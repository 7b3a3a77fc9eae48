from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ValidityEntry")


@_attrs_define
class ValidityEntry:
    """What was said of a frame, when and by whom.

    Attributes:
        at (datetime.datetime):
        by (str):
        is_valid (bool | None):
        reason (str):
    """

    at: datetime.datetime
    by: str
    is_valid: bool | None
    reason: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        by = self.by

        is_valid: bool | None
        is_valid = self.is_valid

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "by": by,
                "is_valid": is_valid,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        by = d.pop("by")

        def _parse_is_valid(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_valid = _parse_is_valid(d.pop("is_valid"))

        reason = d.pop("reason")

        validity_entry = cls(
            at=at,
            by=by,
            is_valid=is_valid,
            reason=reason,
        )

        validity_entry.additional_properties = d
        return validity_entry

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
