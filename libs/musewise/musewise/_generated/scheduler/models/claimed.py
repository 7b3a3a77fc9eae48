from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.claimed_task import ClaimedTask
    from ..models.refusal import Refusal


T = TypeVar("T", bound="Claimed")


@_attrs_define
class Claimed:
    """The answer about one attempt: the task, or why not.

    Attributes:
        attempt (int):
        task_id (UUID):
        refused (None | Refusal | Unset):
        task (ClaimedTask | None | Unset):
    """

    attempt: int
    task_id: UUID
    refused: None | Refusal | Unset = UNSET
    task: ClaimedTask | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.claimed_task import ClaimedTask  # noqa: PLC0415
        from ..models.refusal import Refusal  # noqa: PLC0415

        attempt = self.attempt

        task_id = str(self.task_id)

        refused: dict[str, Any] | None | Unset
        if isinstance(self.refused, Unset):
            refused = UNSET
        elif isinstance(self.refused, Refusal):
            refused = self.refused.to_dict()
        else:
            refused = self.refused

        task: dict[str, Any] | None | Unset
        if isinstance(self.task, Unset):
            task = UNSET
        elif isinstance(self.task, ClaimedTask):
            task = self.task.to_dict()
        else:
            task = self.task

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "task_id": task_id,
            }
        )
        if refused is not UNSET:
            field_dict["refused"] = refused
        if task is not UNSET:
            field_dict["task"] = task

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.claimed_task import ClaimedTask  # noqa: PLC0415
        from ..models.refusal import Refusal  # noqa: PLC0415

        d = dict(src_dict)
        attempt = d.pop("attempt")

        task_id = UUID(d.pop("task_id"))

        def _parse_refused(data: object) -> None | Refusal | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                refused_type_0 = Refusal.from_dict(data)

                return refused_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Refusal | Unset, data)

        refused = _parse_refused(d.pop("refused", UNSET))

        def _parse_task(data: object) -> ClaimedTask | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                task_type_0 = ClaimedTask.from_dict(data)

                return task_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClaimedTask | None | Unset, data)

        task = _parse_task(d.pop("task", UNSET))

        claimed = cls(
            attempt=attempt,
            task_id=task_id,
            refused=refused,
            task=task,
        )

        return claimed
