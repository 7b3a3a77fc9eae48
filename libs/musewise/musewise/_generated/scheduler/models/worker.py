from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.worker_state import WorkerState, check_worker_state

if TYPE_CHECKING:
    from ..models.worker_pools import WorkerPools


T = TypeVar("T", bound="Worker")


@_attrs_define
class Worker:
    """A worker; ``pools`` maps each pool it serves to its slots there.

    Attributes:
        cores (int | None):
        memory_mb (int | None):
        name (str):
        own_queue (bool):
        pools (WorkerPools):
        reason (str):
        running (list[UUID]):
        seen_at (datetime.datetime):
        since (datetime.datetime):
        site (str):
        state (WorkerState): What a worker may do.

            ``PAUSED``, ``DRAINING`` (runs out, then leaves) and ``CORDONED`` (set aside for
            its failures) get no new tasks; ``GONE`` was not heard of for a while.
    """

    cores: int | None
    memory_mb: int | None
    name: str
    own_queue: bool
    pools: WorkerPools
    reason: str
    running: list[UUID]
    seen_at: datetime.datetime
    since: datetime.datetime
    site: str
    state: WorkerState

    def to_dict(self) -> dict[str, Any]:
        cores: int | None
        cores = self.cores

        memory_mb: int | None
        memory_mb = self.memory_mb

        name = self.name

        own_queue = self.own_queue

        pools = self.pools.to_dict()

        reason = self.reason

        running = []
        for running_item_data in self.running:
            running_item = str(running_item_data)
            running.append(running_item)

        seen_at = self.seen_at.isoformat()

        since = self.since.isoformat()

        site = self.site

        state: str = self.state

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cores": cores,
                "memory_mb": memory_mb,
                "name": name,
                "own_queue": own_queue,
                "pools": pools,
                "reason": reason,
                "running": running,
                "seen_at": seen_at,
                "since": since,
                "site": site,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.worker_pools import WorkerPools  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_cores(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        cores = _parse_cores(d.pop("cores"))

        def _parse_memory_mb(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        memory_mb = _parse_memory_mb(d.pop("memory_mb"))

        name = d.pop("name")

        own_queue = d.pop("own_queue")

        pools = WorkerPools.from_dict(d.pop("pools"))

        reason = d.pop("reason")

        running = []
        _running = d.pop("running")
        for running_item_data in _running:
            running_item = UUID(running_item_data)

            running.append(running_item)

        seen_at = datetime.datetime.fromisoformat(d.pop("seen_at"))

        since = datetime.datetime.fromisoformat(d.pop("since"))

        site = d.pop("site")

        state = check_worker_state(d.pop("state"))

        worker = cls(
            cores=cores,
            memory_mb=memory_mb,
            name=name,
            own_queue=own_queue,
            pools=pools,
            reason=reason,
            running=running,
            seen_at=seen_at,
            since=since,
            site=site,
            state=state,
        )

        return worker
