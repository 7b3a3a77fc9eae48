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

T = TypeVar("T", bound="Box")


@_attrs_define
class Box:
    """The pointing lies in a box (deg, ICRS); ``ra_low`` > ``ra_high`` goes over 0.

    Attributes:
        dec_high (float):
        dec_low (float):
        ra_high (float):
        ra_low (float):
        is_ (Literal['box'] | Unset):  Default: 'box'.
    """

    dec_high: float
    dec_low: float
    ra_high: float
    ra_low: float
    is_: Literal["box"] | Unset = "box"

    def to_dict(self) -> dict[str, Any]:
        dec_high = self.dec_high

        dec_low = self.dec_low

        ra_high = self.ra_high

        ra_low = self.ra_low

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "dec_high": dec_high,
                "dec_low": dec_low,
                "ra_high": ra_high,
                "ra_low": ra_low,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        dec_high = d.pop("dec_high")

        dec_low = d.pop("dec_low")

        ra_high = d.pop("ra_high")

        ra_low = d.pop("ra_low")

        is_ = cast(Literal["box"] | Unset, d.pop("is", UNSET))
        if is_ != "box" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'box', got '{is_}'")

        box = cls(
            dec_high=dec_high,
            dec_low=dec_low,
            ra_high=ra_high,
            ra_low=ra_low,
            is_=is_,
        )

        return box
