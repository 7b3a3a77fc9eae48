from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="RunnerUp")


@_attrs_define
class RunnerUp:
    """The candidate that came second, and why.

    Attributes:
        choice (str):
        distance_days (float | None):
        level (float):
        lost_because (str):
    """

    choice: str
    distance_days: float | None
    level: float
    lost_because: str

    def to_dict(self) -> dict[str, Any]:
        choice = self.choice

        distance_days: float | None
        distance_days = self.distance_days

        level = self.level

        lost_because = self.lost_because

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "choice": choice,
                "distance_days": distance_days,
                "level": level,
                "lost_because": lost_because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        choice = d.pop("choice")

        def _parse_distance_days(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        distance_days = _parse_distance_days(d.pop("distance_days"))

        level = d.pop("level")

        lost_because = d.pop("lost_because")

        runner_up = cls(
            choice=choice,
            distance_days=distance_days,
            level=level,
            lost_because=lost_because,
        )

        return runner_up
