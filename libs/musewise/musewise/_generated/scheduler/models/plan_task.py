from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.plan_task_state import PlanTaskState, check_plan_task_state

T = TypeVar("T", bound="PlanTask")


@_attrs_define
class PlanTask:
    """One task as a plan shows it.

    Attributes:
        est_s (float):
        group (str):
        ifu (int | None):
        key (str):
        reason (str):
        recipe (str):
        state (PlanTaskState):
    """

    est_s: float
    group: str
    ifu: int | None
    key: str
    reason: str
    recipe: str
    state: PlanTaskState

    def to_dict(self) -> dict[str, Any]:
        est_s = self.est_s

        group = self.group

        ifu: int | None
        ifu = self.ifu

        key = self.key

        reason = self.reason

        recipe = self.recipe

        state: str = self.state

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "est_s": est_s,
                "group": group,
                "ifu": ifu,
                "key": key,
                "reason": reason,
                "recipe": recipe,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        est_s = d.pop("est_s")

        group = d.pop("group")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        key = d.pop("key")

        reason = d.pop("reason")

        recipe = d.pop("recipe")

        state = check_plan_task_state(d.pop("state"))

        plan_task = cls(
            est_s=est_s,
            group=group,
            ifu=ifu,
            key=key,
            reason=reason,
            recipe=recipe,
            state=state,
        )

        return plan_task
