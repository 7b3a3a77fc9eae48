from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.task_state import TaskState, check_task_state

T = TypeVar("T", bound="TaskEvent")


@_attrs_define
class TaskEvent:
    """One change of a task's state: who, why, when.

    Attributes:
        at (datetime.datetime):
        attempt (int):
        from_state (None | TaskState):
        task_id (UUID):
        to_state (TaskState): Life of a task (scheduler.md 2).
        who (str):
        why (str):
    """

    at: datetime.datetime
    attempt: int
    from_state: None | TaskState
    task_id: UUID
    to_state: TaskState
    who: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        attempt = self.attempt

        from_state: None | str
        if isinstance(self.from_state, str):
            from_state = self.from_state
        else:
            from_state = self.from_state

        task_id = str(self.task_id)

        to_state: str = self.to_state

        who = self.who

        why = self.why

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "attempt": attempt,
                "from_state": from_state,
                "task_id": task_id,
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

        attempt = d.pop("attempt")

        def _parse_from_state(data: object) -> None | TaskState:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                from_state_type_0 = check_task_state(data)

                return from_state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TaskState, data)

        from_state = _parse_from_state(d.pop("from_state"))

        task_id = UUID(d.pop("task_id"))

        to_state = check_task_state(d.pop("to_state"))

        who = d.pop("who")

        why = d.pop("why")

        task_event = cls(
            at=at,
            attempt=attempt,
            from_state=from_state,
            task_id=task_id,
            to_state=to_state,
            who=who,
            why=why,
        )

        return task_event
