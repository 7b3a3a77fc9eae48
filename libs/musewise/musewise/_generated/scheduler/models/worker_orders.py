from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.worker_state import WorkerState, check_worker_state

T = TypeVar("T", bound="WorkerOrders")


@_attrs_define
class WorkerOrders:
    """What a worker is told: its state, why, and when to say that it lives.

    Attributes:
        beat_s (float):
        reason (str):
        state (WorkerState): What a worker may do.

            ``PAUSED``, ``DRAINING`` (runs out, then leaves) and ``CORDONED`` (set aside for
            its failures) get no new tasks; ``GONE`` was not heard of for a while.
    """

    beat_s: float
    reason: str
    state: WorkerState

    def to_dict(self) -> dict[str, Any]:
        beat_s = self.beat_s

        reason = self.reason

        state: str = self.state

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "beat_s": beat_s,
                "reason": reason,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        beat_s = d.pop("beat_s")

        reason = d.pop("reason")

        state = check_worker_state(d.pop("state"))

        worker_orders = cls(
            beat_s=beat_s,
            reason=reason,
            state=state,
        )

        return worker_orders
