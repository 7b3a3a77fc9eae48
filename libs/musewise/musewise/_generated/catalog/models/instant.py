from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Instant")


@_attrs_define
class Instant:
    """A moment, UTC.

    Attributes:
        instant (datetime.datetime):
    """

    instant: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        instant = self.instant.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "instant": instant,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        instant = datetime.datetime.fromisoformat(d.pop("instant"))

        instant = cls(
            instant=instant,
        )

        return instant
