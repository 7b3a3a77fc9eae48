from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.attribute_info import AttributeInfo


T = TypeVar("T", bound="ClassInfo")


@_attrs_define
class ClassInfo:
    """A class of objects with its attributes.

    Attributes:
        attributes (list[AttributeInfo]):
        doc (str):
        kind (str):
        name (str):
    """

    attributes: list[AttributeInfo]
    doc: str
    kind: str
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attributes = []
        for attributes_item_data in self.attributes:
            attributes_item = attributes_item_data.to_dict()
            attributes.append(attributes_item)

        doc = self.doc

        kind = self.kind

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attributes": attributes,
                "doc": doc,
                "kind": kind,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attribute_info import AttributeInfo  # noqa: PLC0415

        d = dict(src_dict)
        attributes = []
        _attributes = d.pop("attributes")
        for attributes_item_data in _attributes:
            attributes_item = AttributeInfo.from_dict(attributes_item_data)

            attributes.append(attributes_item)

        doc = d.pop("doc")

        kind = d.pop("kind")

        name = d.pop("name")

        class_info = cls(
            attributes=attributes,
            doc=doc,
            kind=kind,
            name=name,
        )

        class_info.additional_properties = d
        return class_info

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
