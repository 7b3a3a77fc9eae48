from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Heartbeat")


@_attrs_define
class Heartbeat:
    """Whether to go on, and why not.

    Attributes:
        go_on (bool):
        reason (str):
    """

    go_on: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        go_on = self.go_on

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "go_on": go_on,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        go_on = d.pop("go_on")

        reason = d.pop("reason")

        heartbeat = cls(
            go_on=go_on,
            reason=reason,
        )

        return heartbeat
