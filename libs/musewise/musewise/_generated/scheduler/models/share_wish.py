from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ShareWish")


@_attrs_define
class ShareWish:
    """How much of the fleet a person gets, in relation to others (1 each).

    Attributes:
        weight (float):
    """

    weight: float

    def to_dict(self) -> dict[str, Any]:
        weight = self.weight

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "weight": weight,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        weight = d.pop("weight")

        share_wish = cls(
            weight=weight,
        )

        return share_wish
