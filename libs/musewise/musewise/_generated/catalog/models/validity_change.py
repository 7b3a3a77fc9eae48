from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.validity_change_is_valid import (
    ValidityChangeIsValid,
    check_validity_change_is_valid,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="ValidityChange")


@_attrs_define
class ValidityChange:
    """What a person says of one frame.

    Attributes:
        is_valid (ValidityChangeIsValid): null is unknown: nobody has judged
        reason (str):
        expect (int | None | Unset): `version` that the editor saw; null: any
        flags (list[str] | None | Unset): flags set by people; null: as they are
    """

    is_valid: ValidityChangeIsValid
    reason: str
    expect: int | None | Unset = UNSET
    flags: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        is_valid: str = self.is_valid

        reason = self.reason

        expect: int | None | Unset
        if isinstance(self.expect, Unset):
            expect = UNSET
        else:
            expect = self.expect

        flags: list[str] | None | Unset
        if isinstance(self.flags, Unset):
            flags = UNSET
        elif isinstance(self.flags, list):
            flags = self.flags

        else:
            flags = self.flags

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "is_valid": is_valid,
                "reason": reason,
            }
        )
        if expect is not UNSET:
            field_dict["expect"] = expect
        if flags is not UNSET:
            field_dict["flags"] = flags

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        is_valid = check_validity_change_is_valid(d.pop("is_valid"))

        reason = d.pop("reason")

        def _parse_expect(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expect = _parse_expect(d.pop("expect", UNSET))

        def _parse_flags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                flags_type_0 = cast(list[str], data)

                return flags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        flags = _parse_flags(d.pop("flags", UNSET))

        validity_change = cls(
            is_valid=is_valid,
            reason=reason,
            expect=expect,
            flags=flags,
        )

        return validity_change
