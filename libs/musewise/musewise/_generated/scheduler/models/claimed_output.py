from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ClaimedOutput")


@_attrs_define
class ClaimedOutput:
    """A product that the recipe must (``min`` >= 1) or may write.

    Attributes:
        min_ (int):
        per_ifu (bool):
        tag (str):
    """

    min_: int
    per_ifu: bool
    tag: str

    def to_dict(self) -> dict[str, Any]:
        min_ = self.min_

        per_ifu = self.per_ifu

        tag = self.tag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "min": min_,
                "per_ifu": per_ifu,
                "tag": tag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        min_ = d.pop("min")

        per_ifu = d.pop("per_ifu")

        tag = d.pop("tag")

        claimed_output = cls(
            min_=min_,
            per_ifu=per_ifu,
            tag=tag,
        )

        return claimed_output
