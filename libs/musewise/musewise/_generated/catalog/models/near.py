from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Near")


@_attrs_define
class Near:
    """The pointing lies within ``radius`` (deg) of what has this name.

    The place is that of the pointings of this target or object in the catalogue.

        Attributes:
            name (str):
            is_ (Literal['near'] | Unset):  Default: 'near'.
            radius (float | Unset):  Default: 0.016666666666666666.
    """

    name: str
    is_: Literal["near"] | Unset = "near"
    radius: float | Unset = 0.016666666666666666

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        is_ = self.is_

        radius = self.radius

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_
        if radius is not UNSET:
            field_dict["radius"] = radius

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        is_ = cast(Literal["near"] | Unset, d.pop("is", UNSET))
        if is_ != "near" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'near', got '{is_}'")

        radius = d.pop("radius", UNSET)

        near = cls(
            name=name,
            is_=is_,
            radius=radius,
        )

        return near
