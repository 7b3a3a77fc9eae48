from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.difference import Difference


T = TypeVar("T", bound="InputDifference")


@_attrs_define
class InputDifference:
    """An input that only one product used, or that has another content.

    Attributes:
        a (Difference | None):
        b (Difference | None):
        tag (str):
    """

    a: Difference | None
    b: Difference | None
    tag: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.difference import Difference  # noqa: PLC0415

        a: dict[str, Any] | None
        if isinstance(self.a, Difference):
            a = self.a.to_dict()
        else:
            a = self.a

        b: dict[str, Any] | None
        if isinstance(self.b, Difference):
            b = self.b.to_dict()
        else:
            b = self.b

        tag = self.tag

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "a": a,
                "b": b,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.difference import Difference  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_a(data: object) -> Difference | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                a_type_0 = Difference.from_dict(data)

                return a_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Difference | None, data)

        a = _parse_a(d.pop("a"))

        def _parse_b(data: object) -> Difference | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                b_type_0 = Difference.from_dict(data)

                return b_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Difference | None, data)

        b = _parse_b(d.pop("b"))

        tag = d.pop("tag")

        input_difference = cls(
            a=a,
            b=b,
            tag=tag,
        )

        input_difference.additional_properties = d
        return input_difference

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
