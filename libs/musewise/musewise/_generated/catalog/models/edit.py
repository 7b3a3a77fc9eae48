from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.edit_is_valid_type_0 import EditIsValidType0, check_edit_is_valid_type_0
from ..types import UNSET, Unset

T = TypeVar("T", bound="Edit")


@_attrs_define
class Edit:
    """What a person says of one of many frames; what is null stays.

    Attributes:
        frame_id (UUID):
        expect (int | None | Unset): `version` that the editor saw; null: any
        flags (list[str] | None | Unset):
        is_valid (EditIsValidType0 | None | Unset):
    """

    frame_id: UUID
    expect: int | None | Unset = UNSET
    flags: list[str] | None | Unset = UNSET
    is_valid: EditIsValidType0 | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        frame_id = str(self.frame_id)

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

        is_valid: None | str | Unset
        if isinstance(self.is_valid, Unset):
            is_valid = UNSET
        elif isinstance(self.is_valid, str):
            is_valid = self.is_valid
        else:
            is_valid = self.is_valid

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "frame_id": frame_id,
            }
        )
        if expect is not UNSET:
            field_dict["expect"] = expect
        if flags is not UNSET:
            field_dict["flags"] = flags
        if is_valid is not UNSET:
            field_dict["is_valid"] = is_valid

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        frame_id = UUID(d.pop("frame_id"))

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

        def _parse_is_valid(data: object) -> EditIsValidType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                is_valid_type_0 = check_edit_is_valid_type_0(data)

                return is_valid_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EditIsValidType0 | None | Unset, data)

        is_valid = _parse_is_valid(d.pop("is_valid", UNSET))

        edit = cls(
            frame_id=frame_id,
            expect=expect,
            flags=flags,
            is_valid=is_valid,
        )

        return edit
