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
        ucd (None | str | Unset): what it is, in words of the IVOA
    """

    doc: str
    name: str
    type_: str
    unit: None | str
    aliases: list[str] | Unset = UNSET
    ucd: None | str | Unset = UNSET
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

        ucd: None | str | Unset
        if isinstance(self.ucd, Unset):
            ucd = UNSET
        else:
            ucd = self.ucd

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
        if ucd is not UNSET:
            field_dict["ucd"] = ucd

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

        def _parse_ucd(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ucd = _parse_ucd(d.pop("ucd", UNSET))

        attribute_info = cls(
            doc=doc,
            name=name,
            type_=type_,
            unit=unit,
            aliases=aliases,
            ucd=ucd,
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
