from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="TaskAttempt")


@_attrs_define
class TaskAttempt:
    """An attempt at a task.

    Attributes:
        attempt (int):
        task_id (UUID):
    """

    attempt: int
    task_id: UUID

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        task_id = str(self.task_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "task_id": task_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempt = d.pop("attempt")

        task_id = UUID(d.pop("task_id"))

        task_attempt = cls(
            attempt=attempt,
            task_id=task_id,
        )

        return task_attempt
