from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AttributeInfo")


@_attrs_define
class AttributeInfo:
    """An attribute of a class, or a column of an answer.

    Attributes:
        doc (str):
        name (str):
        type_ (str): str int float bool time date id flags validity, or any
        unit (None | str):
        aliases (list[str] | Unset):
    """

    doc: str
    name: str
    type_: str
    unit: None | str
    aliases: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        doc = self.doc

        name = self.name

        type_ = self.type_

        unit: None | str
        unit = self.unit

        aliases: list[str] | Unset = UNSET
        if not isinstance(self.aliases, Unset):
            aliases = self.aliases

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "doc": doc,
                "name": name,
                "type": type_,
                "unit": unit,
            }
        )
        if aliases is not UNSET:
            field_dict["aliases"] = aliases

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        doc = d.pop("doc")

        name = d.pop("name")

        type_ = d.pop("type")

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        aliases = cast(list[str], d.pop("aliases", UNSET))

        attribute_info = cls(
            doc=doc,
            name=name,
            type_=type_,
            unit=unit,
            aliases=aliases,
        )

        attribute_info.additional_properties = d
        return attribute_info

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
