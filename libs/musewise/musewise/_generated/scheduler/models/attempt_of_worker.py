from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="AttemptOfWorker")


@_attrs_define
class AttemptOfWorker:
    """Who speaks, and about which attempt.

    Attributes:
        attempt (int):
        worker (str):
    """

    attempt: int
    worker: str

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        worker = self.worker

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "worker": worker,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempt = d.pop("attempt")

        worker = d.pop("worker")

        attempt_of_worker = cls(
            attempt=attempt,
            worker=worker,
        )

        return attempt_of_worker
