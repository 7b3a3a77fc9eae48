from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ValidityChange")


@_attrs_define
class ValidityChange:
    """What a person says of a frame.

    Attributes:
        is_valid (bool | None): null: nothing said
        reason (str):
    """

    is_valid: bool | None
    reason: str

    def to_dict(self) -> dict[str, Any]:
        is_valid: bool | None
        is_valid = self.is_valid

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "is_valid": is_valid,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_is_valid(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_valid = _parse_is_valid(d.pop("is_valid"))

        reason = d.pop("reason")

        validity_change = cls(
            is_valid=is_valid,
            reason=reason,
        )

        return validity_change
