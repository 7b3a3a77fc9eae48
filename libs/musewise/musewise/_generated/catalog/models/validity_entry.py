from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.validity_entry_is_valid import (
    ValidityEntryIsValid,
    check_validity_entry_is_valid,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ValidityEntry")


@_attrs_define
class ValidityEntry:
    """What was said of a frame, when and by whom.

    Attributes:
        at (datetime.datetime):
        by (str):
        is_valid (ValidityEntryIsValid):
        reason (str):
        version (int | None): null: before versions were counted
        flags (list[str] | Unset):
    """

    at: datetime.datetime
    by: str
    is_valid: ValidityEntryIsValid
    reason: str
    version: int | None
    flags: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        by = self.by

        is_valid: str = self.is_valid

        reason = self.reason

        version: int | None
        version = self.version

        flags: list[str] | Unset = UNSET
        if not isinstance(self.flags, Unset):
            flags = self.flags

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "by": by,
                "is_valid": is_valid,
                "reason": reason,
                "version": version,
            }
        )
        if flags is not UNSET:
            field_dict["flags"] = flags

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        by = d.pop("by")

        is_valid = check_validity_entry_is_valid(d.pop("is_valid"))

        reason = d.pop("reason")

        def _parse_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        version = _parse_version(d.pop("version"))

        flags = cast(list[str], d.pop("flags", UNSET))

        validity_entry = cls(
            at=at,
            by=by,
            is_valid=is_valid,
            reason=reason,
            version=version,
            flags=flags,
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
