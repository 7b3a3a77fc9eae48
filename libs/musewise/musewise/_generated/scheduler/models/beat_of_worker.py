from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="BeatOfWorker")


@_attrs_define
class BeatOfWorker:
    """A worker still runs this attempt.

    Attributes:
        attempt (int):
        task_id (UUID):
        worker (str):
    """

    attempt: int
    task_id: UUID
    worker: str

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        task_id = str(self.task_id)

        worker = self.worker

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "task_id": task_id,
                "worker": worker,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempt = d.pop("attempt")

        task_id = UUID(d.pop("task_id"))

        worker = d.pop("worker")

        beat_of_worker = cls(
            attempt=attempt,
            task_id=task_id,
            worker=worker,
        )

        return beat_of_worker
