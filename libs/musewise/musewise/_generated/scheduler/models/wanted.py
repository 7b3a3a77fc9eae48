from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.task_attempt import TaskAttempt


T = TypeVar("T", bound="Wanted")


@_attrs_define
class Wanted:
    """Attempts that a worker wants.

    Attributes:
        tasks (list[TaskAttempt]):
        worker (str):
    """

    tasks: list[TaskAttempt]
    worker: str

    def to_dict(self) -> dict[str, Any]:
        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        worker = self.worker

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "tasks": tasks,
                "worker": worker,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_attempt import TaskAttempt  # noqa: PLC0415

        d = dict(src_dict)
        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskAttempt.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        worker = d.pop("worker")

        wanted = cls(
            tasks=tasks,
            worker=worker,
        )

        return wanted
