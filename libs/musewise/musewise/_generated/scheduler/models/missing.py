from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Missing")


@_attrs_define
class Missing:
    """A needed input that was not found, and what would help.

    Attributes:
        category (str):
        consumer (str):
        hint (str):
        reason (str):
        ifus (list[int] | Unset):
    """

    category: str
    consumer: str
    hint: str
    reason: str
    ifus: list[int] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        category = self.category

        consumer = self.consumer

        hint = self.hint

        reason = self.reason

        ifus: list[int] | Unset = UNSET
        if not isinstance(self.ifus, Unset):
            ifus = self.ifus

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "category": category,
                "consumer": consumer,
                "hint": hint,
                "reason": reason,
            }
        )
        if ifus is not UNSET:
            field_dict["ifus"] = ifus

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        category = d.pop("category")

        consumer = d.pop("consumer")

        hint = d.pop("hint")

        reason = d.pop("reason")

        ifus = cast(list[int], d.pop("ifus", UNSET))

        missing = cls(
            category=category,
            consumer=consumer,
            hint=hint,
            reason=reason,
            ifus=ifus,
        )

        return missing
