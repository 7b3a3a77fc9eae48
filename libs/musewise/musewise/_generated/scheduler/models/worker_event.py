from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.worker_state import WorkerState, check_worker_state

T = TypeVar("T", bound="WorkerEvent")


@_attrs_define
class WorkerEvent:
    """One change of a worker's state: who, why, when.

    Attributes:
        at (datetime.datetime):
        from_state (None | WorkerState):
        name (str):
        to_state (WorkerState): What a worker may do.

            ``PAUSED``, ``DRAINING`` (runs out, then leaves) and ``CORDONED`` (set aside for
            its failures) get no new tasks; ``GONE`` was not heard of for a while.
        who (str):
        why (str):
    """

    at: datetime.datetime
    from_state: None | WorkerState
    name: str
    to_state: WorkerState
    who: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        from_state: None | str
        if isinstance(self.from_state, str):
            from_state = self.from_state
        else:
            from_state = self.from_state

        name = self.name

        to_state: str = self.to_state

        who = self.who

        why = self.why

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "from_state": from_state,
                "name": name,
                "to_state": to_state,
                "who": who,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_from_state(data: object) -> None | WorkerState:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                from_state_type_0 = check_worker_state(data)

                return from_state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WorkerState, data)

        from_state = _parse_from_state(d.pop("from_state"))

        name = d.pop("name")

        to_state = check_worker_state(d.pop("to_state"))

        who = d.pop("who")

        why = d.pop("why")

        worker_event = cls(
            at=at,
            from_state=from_state,
            name=name,
            to_state=to_state,
            who=who,
            why=why,
        )

        return worker_event
