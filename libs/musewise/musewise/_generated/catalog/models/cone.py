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

T = TypeVar("T", bound="Cone")


@_attrs_define
class Cone:
    """The pointing lies within ``radius`` of a place (all deg, ICRS).

    Attributes:
        dec (float):
        ra (float):
        radius (float):
        is_ (Literal['cone'] | Unset):  Default: 'cone'.
    """

    dec: float
    ra: float
    radius: float
    is_: Literal["cone"] | Unset = "cone"

    def to_dict(self) -> dict[str, Any]:
        dec = self.dec

        ra = self.ra

        radius = self.radius

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "dec": dec,
                "ra": ra,
                "radius": radius,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        dec = d.pop("dec")

        ra = d.pop("ra")

        radius = d.pop("radius")

        is_ = cast(Literal["cone"] | Unset, d.pop("is", UNSET))
        if is_ != "cone" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'cone', got '{is_}'")

        cone = cls(
            dec=dec,
            ra=ra,
            radius=radius,
            is_=is_,
        )

        return cone
