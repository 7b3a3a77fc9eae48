from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AtLeast")


@_attrs_define
class AtLeast:
    """How many good IFUs a job is content with.

    Attributes:
        at_least (int):
    """

    at_least: int

    def to_dict(self) -> dict[str, Any]:
        at_least = self.at_least

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at_least": at_least,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at_least = d.pop("at_least")

        at_least = cls(
            at_least=at_least,
        )

        return at_least
