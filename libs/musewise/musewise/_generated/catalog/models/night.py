from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.night_counts import NightCounts


T = TypeVar("T", bound="Night")


@_attrs_define
class Night:
    """A night and the number of files of each class.

    Attributes:
        counts (NightCounts):
        night (datetime.date):
    """

    counts: NightCounts
    night: datetime.date
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        counts = self.counts.to_dict()

        night = self.night.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "counts": counts,
                "night": night,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.night_counts import NightCounts  # noqa: PLC0415

        d = dict(src_dict)
        counts = NightCounts.from_dict(d.pop("counts"))

        night = datetime.date.fromisoformat(d.pop("night"))

        night = cls(
            counts=counts,
            night=night,
        )

        night.additional_properties = d
        return night

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
