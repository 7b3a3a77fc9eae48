from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.task_state import TaskState, check_task_state

if TYPE_CHECKING:
    from ..models.task_parameters import TaskParameters
    from ..models.task_set_parameters import TaskSetParameters


T = TypeVar("T", bound="Task")


@_attrs_define
class Task:
    """A task as it is kept and shown.

    Attributes:
        attempt (int):
        caveats (list[str]):
        ended (datetime.datetime | None):
        est_s (float):
        group (str):
        ifu (int | None):
        key (str):
        lease_until (datetime.datetime | None):
        memory_mb (int):
        n_wait (int):
        owner (str):
        parameters (TaskParameters):
        project (str):
        realised_key (None | str):
        reason (str):
        recipe (str):
        set_parameters (TaskSetParameters):
        started (datetime.datetime | None):
        state (TaskState): Life of a task (scheduler.md 2).
        task_id (UUID):
        threads (int):
        worker (None | str):
    """

    attempt: int
    caveats: list[str]
    ended: datetime.datetime | None
    est_s: float
    group: str
    ifu: int | None
    key: str
    lease_until: datetime.datetime | None
    memory_mb: int
    n_wait: int
    owner: str
    parameters: TaskParameters
    project: str
    realised_key: None | str
    reason: str
    recipe: str
    set_parameters: TaskSetParameters
    started: datetime.datetime | None
    state: TaskState
    task_id: UUID
    threads: int
    worker: None | str

    def to_dict(self) -> dict[str, Any]:
        attempt = self.attempt

        caveats = self.caveats

        ended: None | str
        if isinstance(self.ended, datetime.datetime):
            ended = self.ended.isoformat()
        else:
            ended = self.ended

        est_s = self.est_s

        group = self.group

        ifu: int | None
        ifu = self.ifu

        key = self.key

        lease_until: None | str
        if isinstance(self.lease_until, datetime.datetime):
            lease_until = self.lease_until.isoformat()
        else:
            lease_until = self.lease_until

        memory_mb = self.memory_mb

        n_wait = self.n_wait

        owner = self.owner

        parameters = self.parameters.to_dict()

        project = self.project

        realised_key: None | str
        realised_key = self.realised_key

        reason = self.reason

        recipe = self.recipe

        set_parameters = self.set_parameters.to_dict()

        started: None | str
        if isinstance(self.started, datetime.datetime):
            started = self.started.isoformat()
        else:
            started = self.started

        state: str = self.state

        task_id = str(self.task_id)

        threads = self.threads

        worker: None | str
        worker = self.worker

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "attempt": attempt,
                "caveats": caveats,
                "ended": ended,
                "est_s": est_s,
                "group": group,
                "ifu": ifu,
                "key": key,
                "lease_until": lease_until,
                "memory_mb": memory_mb,
                "n_wait": n_wait,
                "owner": owner,
                "parameters": parameters,
                "project": project,
                "realised_key": realised_key,
                "reason": reason,
                "recipe": recipe,
                "set_parameters": set_parameters,
                "started": started,
                "state": state,
                "task_id": task_id,
                "threads": threads,
                "worker": worker,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_parameters import TaskParameters  # noqa: PLC0415
        from ..models.task_set_parameters import TaskSetParameters  # noqa: PLC0415

        d = dict(src_dict)
        attempt = d.pop("attempt")

        caveats = cast(list[str], d.pop("caveats"))

        def _parse_ended(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_type_0 = datetime.datetime.fromisoformat(data)

                return ended_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended = _parse_ended(d.pop("ended"))

        est_s = d.pop("est_s")

        group = d.pop("group")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        key = d.pop("key")

        def _parse_lease_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                lease_until_type_0 = datetime.datetime.fromisoformat(data)

                return lease_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        lease_until = _parse_lease_until(d.pop("lease_until"))

        memory_mb = d.pop("memory_mb")

        n_wait = d.pop("n_wait")

        owner = d.pop("owner")

        parameters = TaskParameters.from_dict(d.pop("parameters"))

        project = d.pop("project")

        def _parse_realised_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        realised_key = _parse_realised_key(d.pop("realised_key"))

        reason = d.pop("reason")

        recipe = d.pop("recipe")

        set_parameters = TaskSetParameters.from_dict(d.pop("set_parameters"))

        def _parse_started(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_type_0 = datetime.datetime.fromisoformat(data)

                return started_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started = _parse_started(d.pop("started"))

        state = check_task_state(d.pop("state"))

        task_id = UUID(d.pop("task_id"))

        threads = d.pop("threads")

        def _parse_worker(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        worker = _parse_worker(d.pop("worker"))

        task = cls(
            attempt=attempt,
            caveats=caveats,
            ended=ended,
            est_s=est_s,
            group=group,
            ifu=ifu,
            key=key,
            lease_until=lease_until,
            memory_mb=memory_mb,
            n_wait=n_wait,
            owner=owner,
            parameters=parameters,
            project=project,
            realised_key=realised_key,
            reason=reason,
            recipe=recipe,
            set_parameters=set_parameters,
            started=started,
            state=state,
            task_id=task_id,
            threads=threads,
            worker=worker,
        )

        return task
