from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.runner_up import RunnerUp


T = TypeVar("T", bound="Choice")


@_attrs_define
class Choice:
    """One calibration chosen for one consumer, with the reason.

    Attributes:
        category (str):
        choice (str):
        consumer (str):
        consumer_tag (str):
        distance_days (float | None):
        ifus (list[int]):
        level (float):
        reason (str):
        runner_up (None | RunnerUp):
        source_recipe (None | str):
        source_tag (str):
        warnings (list[str]):
    """

    category: str
    choice: str
    consumer: str
    consumer_tag: str
    distance_days: float | None
    ifus: list[int]
    level: float
    reason: str
    runner_up: None | RunnerUp
    source_recipe: None | str
    source_tag: str
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        from ..models.runner_up import RunnerUp  # noqa: PLC0415

        category = self.category

        choice = self.choice

        consumer = self.consumer

        consumer_tag = self.consumer_tag

        distance_days: float | None
        distance_days = self.distance_days

        ifus = self.ifus

        level = self.level

        reason = self.reason

        runner_up: dict[str, Any] | None
        if isinstance(self.runner_up, RunnerUp):
            runner_up = self.runner_up.to_dict()
        else:
            runner_up = self.runner_up

        source_recipe: None | str
        source_recipe = self.source_recipe

        source_tag = self.source_tag

        warnings = self.warnings

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "category": category,
                "choice": choice,
                "consumer": consumer,
                "consumer_tag": consumer_tag,
                "distance_days": distance_days,
                "ifus": ifus,
                "level": level,
                "reason": reason,
                "runner_up": runner_up,
                "source_recipe": source_recipe,
                "source_tag": source_tag,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.runner_up import RunnerUp  # noqa: PLC0415

        d = dict(src_dict)
        category = d.pop("category")

        choice = d.pop("choice")

        consumer = d.pop("consumer")

        consumer_tag = d.pop("consumer_tag")

        def _parse_distance_days(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        distance_days = _parse_distance_days(d.pop("distance_days"))

        ifus = cast(list[int], d.pop("ifus"))

        level = d.pop("level")

        reason = d.pop("reason")

        def _parse_runner_up(data: object) -> None | RunnerUp:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                runner_up_type_0 = RunnerUp.from_dict(data)

                return runner_up_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunnerUp, data)

        runner_up = _parse_runner_up(d.pop("runner_up"))

        def _parse_source_recipe(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_recipe = _parse_source_recipe(d.pop("source_recipe"))

        source_tag = d.pop("source_tag")

        warnings = cast(list[str], d.pop("warnings"))

        choice = cls(
            category=category,
            choice=choice,
            consumer=consumer,
            consumer_tag=consumer_tag,
            distance_days=distance_days,
            ifus=ifus,
            level=level,
            reason=reason,
            runner_up=runner_up,
            source_recipe=source_recipe,
            source_tag=source_tag,
            warnings=warnings,
        )

        return choice
