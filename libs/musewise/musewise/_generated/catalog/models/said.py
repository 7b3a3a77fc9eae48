from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.said_is_valid import SaidIsValid, check_said_is_valid

T = TypeVar("T", bound="Said")


@_attrs_define
class Said:
    """What people say of a frame at a time.

    ``verdict`` is what was judged last; a proposal waits beside it.

        Attributes:
            flags (list[str]):
            is_valid (SaidIsValid):
            verdict (bool | None):
            version (int):
    """

    flags: list[str]
    is_valid: SaidIsValid
    verdict: bool | None
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        flags = self.flags

        is_valid: str = self.is_valid

        verdict: bool | None
        verdict = self.verdict

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "flags": flags,
                "is_valid": is_valid,
                "verdict": verdict,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        flags = cast(list[str], d.pop("flags"))

        is_valid = check_said_is_valid(d.pop("is_valid"))

        def _parse_verdict(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        verdict = _parse_verdict(d.pop("verdict"))

        version = d.pop("version")

        said = cls(
            flags=flags,
            is_valid=is_valid,
            verdict=verdict,
            version=version,
        )

        said.additional_properties = d
        return said

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
