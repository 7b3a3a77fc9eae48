from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.header_hdu import HeaderHdu


T = TypeVar("T", bound="HeaderText")


@_attrs_define
class HeaderText:
    """All headers of a file.

    Attributes:
        hdus (list[HeaderHdu]):
    """

    hdus: list[HeaderHdu]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hdus = []
        for hdus_item_data in self.hdus:
            hdus_item = hdus_item_data.to_dict()
            hdus.append(hdus_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "hdus": hdus,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.header_hdu import HeaderHdu  # noqa: PLC0415

        d = dict(src_dict)
        hdus = []
        _hdus = d.pop("hdus")
        for hdus_item_data in _hdus:
            hdus_item = HeaderHdu.from_dict(hdus_item_data)

            hdus.append(hdus_item)

        header_text = cls(
            hdus=hdus,
        )

        header_text.additional_properties = d
        return header_text

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
