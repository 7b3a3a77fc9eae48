from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LineageEdge")


@_attrs_define
class LineageEdge:
    """An input of a run, between two nodes of a graph.

    Attributes:
        ifu (int | None):
        input_ (str): `id` of the node that went in
        product (str): `id` of the node that was made
        role (str): class under which it went in
    """

    ifu: int | None
    input_: str
    product: str
    role: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ifu: int | None
        ifu = self.ifu

        input_ = self.input_

        product = self.product

        role = self.role

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ifu": ifu,
                "input": input_,
                "product": product,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        input_ = d.pop("input")

        product = d.pop("product")

        role = d.pop("role")

        lineage_edge = cls(
            ifu=ifu,
            input_=input_,
            product=product,
            role=role,
        )

        lineage_edge.additional_properties = d
        return lineage_edge

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
